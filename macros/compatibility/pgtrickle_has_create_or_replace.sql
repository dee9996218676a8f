{% macro pgtrickle_has_create_or_replace() %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {{- return(execute and context.pgtrickle__has_function('create_or_replace_stream_table')) -}}
{% endmacro %}
