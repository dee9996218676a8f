{#- dbt's columns of a relation, without those that pg_trickle keeps for itself in a stream table. -#}
{% macro postgres__get_columns_in_relation(relation) -%}
  {%- set columns = [] -%}
  {%- for column in dbt.postgres__get_columns_in_relation(relation) if not column.name.startswith('__pgt_') -%}
    {%- do columns.append(column) -%}
  {%- endfor -%}
  {{ return(columns) }}
{%- endmacro %}
