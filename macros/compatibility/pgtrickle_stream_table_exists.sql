{% macro pgtrickle_stream_table_exists(name) %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {{- return(execute and context.pgtrickle__entry(name) is not none) -}}
{% endmacro %}
