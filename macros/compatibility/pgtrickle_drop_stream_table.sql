{% macro pgtrickle_drop_stream_table(name) %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {%- if execute -%}
    {%- do context.pgtrickle__drop(context.pgtrickle__entry(name, required=true)) -%}
  {%- endif -%}
{% endmacro %}
