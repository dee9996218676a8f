{% macro pgtrickle_refresh_stream_table(name) %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {%- if execute -%}
    {%- set entry = context.pgtrickle__entry(name, required=true) -%}
    {%- call statement('pgtrickle_refresh') -%}{{ context.pgtrickle__refresh_block(entry.call_name, failing=true) }}{%- endcall -%}
    {%- do context.pgtrickle__commit() -%}
    {%- do log('refreshed ' ~ entry.call_name, info=true) -%}
  {%- endif -%}
{% endmacro %}
