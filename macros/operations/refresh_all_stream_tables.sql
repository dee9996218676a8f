{#- Refresh every stream table of the project, upstream first. schema: only those in it. -#}
{% macro refresh_all_stream_tables(schema=none) %}
  {%- if execute -%}
    {%- do pgtrickle__require_catalog() -%}
    {%- do pgtrickle__refresh(pgtrickle__refresh_plan(
      managed=pgtrickle__literal(pgtrickle__managed()), schema_name=pgtrickle__literal(schema))) -%}
  {%- endif -%}
{% endmacro %}
