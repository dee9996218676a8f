{#- SQL condition: pg_trickle waits for writers (pgtrickle__wait_for_writers). -#}
{% macro pgtrickle__waits_for_writers() -%}
(
  select count(*) = 2 and bool_or(strpos(prosrc, 'dbt_pgtrickle.rolled_back') > 0)
  from pg_catalog.pg_trigger join pg_catalog.pg_proc on pg_proc.oid = tgfoid
  where (tgname, tgrelid) in (('dbt_wait_for_writers', to_regclass('pgtrickle.pgt_dependencies')),
    ('dbt_have_read', to_regclass('pgtrickle.pgt_stream_tables'))))
{%- endmacro %}
