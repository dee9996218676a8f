{% macro refresh_all_stream_tables(schema=none) %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {%- if execute -%}
    {%- do context.pgtrickle__require_catalog() -%}
    {%- do context.pgtrickle__refresh(context.pgtrickle__refresh_plan(
      managed=context.pgtrickle__literal(context.pgtrickle__managed()), schema_name=context.pgtrickle__literal(schema))) -%}
  {%- endif -%}
{% endmacro %}
