{#- dbt's columns of a query, without those that pg_trickle keeps for itself in a stream table: a snapshot with check_cols: all
    would take every change of them for one of the row. -#}
{% macro postgres__get_columns_in_query(select_sql) -%}
  {%- set names = [] -%}
  {%- for name in dbt.default__get_columns_in_query(select_sql) if not name.startswith('__pgt_') -%}
    {%- do names.append(name) -%}
  {%- endfor -%}
  {{ return(names) }}
{%- endmacro %}
