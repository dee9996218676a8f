{#- The common table expressions `models` (dbt's), `tables` (the catalog's) and `known`: either with the other where both are there. -#}
{% macro pgtrickle__known(managed) -%}
models as (
  {{ pgtrickle__models(managed) }}
),
tables as (
  {{ pgtrickle__tables() }}
),
known as (
  select *, schema_name || '.' || table_name as subject
  from tables
  full join models using (schema_name, table_name)
)
{%- endmacro %}
