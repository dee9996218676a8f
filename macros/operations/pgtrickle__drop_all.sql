{#- Carry out a drop plan, dependents first, each in a transaction of its own; name what goes along. -#}
{% macro pgtrickle__drop_all(plan) %}
  {%- set tables = pgtrickle__rows(plan) -%}
  {%- for table in tables if table.kept_readers -%}
    {%- do exceptions.raise_compiler_error(
      pgtrickle__plain(table.subject ~ ' is read by ' ~ table.kept_readers | join(', ')) ~ ", which would stay.\n"
      ~ '  If nobody needs it, drop it first: dbt run-operation pgtrickle_drop_stream_table --args '
      ~ "'{name: " ~ pgtrickle__plain(table.kept_readers[0]) ~ "}'") -%}
  {%- endfor -%}
  {%- for table in tables -%}
    {%- call statement('pgtrickle_drop', auto_begin=true) -%}
      {{ pgtrickle__drop_statement(table.pgt_id) }}
    {%- endcall -%}
    {%- do adapter.commit() -%}
    {%- set along = ' and with it ' ~ table.goes_along | join(', ') if table.goes_along else '' -%}
    {%- do log(pgtrickle__plain('dropped ' ~ table.subject ~ along), info=true) -%}
  {%- endfor -%}
  {%- do log('drop: ' ~ tables | length ~ ' stream table(s)', info=true) -%}
{% endmacro %}
