{#- SQL condition: pg_trickle waits for writers (pgtrickle__wait_for_writers). -#}
{% macro pgtrickle__waits_for_writers() -%}
exists (
  select from pg_catalog.pg_trigger
  where tgname = 'dbt_wait_for_writers' and tgrelid = to_regclass('pgtrickle.pgt_dependencies'))
{%- endmacro %}
