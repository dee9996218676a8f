{% macro drop_all_stream_tables() %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {%- if execute -%}
    {%- do context.pgtrickle__require_catalog() -%}
    {%- do context.pgtrickle__drop_all(context.pgtrickle__drop_plan(managed=context.pgtrickle__literal(context.pgtrickle__managed()))) -%}
  {%- endif -%}
{% endmacro %}
