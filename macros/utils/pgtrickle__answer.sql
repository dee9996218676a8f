{#- PL/pgSQL that leaves what a DO block, which gives no result, has to tell. json: SQL. -#}
{% macro pgtrickle__answer(json) -%}
perform pg_catalog.set_config('dbt_pgtrickle.answer', ({{ json }})::text, false);
{%- endmacro %}

{#- SQL, JSON as text: what the last such block of this session told; null where none did. -#}
{% macro pgtrickle__answered() -%}
nullif(pg_catalog.current_setting('dbt_pgtrickle.answer', true), '')
{%- endmacro %}

{#- Runs such a block, and gives what it told. do_sql: the DO statement; before: statements of ours to run first. -#}
{% macro pgtrickle__told_by(do_sql, before='') %}
  {% do return(pgtrickle__query_json('select ' ~ pgtrickle__answered(), before=(before ~ ';\n' if before else '') ~ do_sql)) %}
{% endmacro %}
