{% macro pgtrickle_wait_for_writers() %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {%- if execute -%}
    {%- do context.pgtrickle__require_catalog() -%}
    {%- call statement('pgtrickle_wait_for_writers', auto_begin=true) -%}
      {{- context.pgtrickle__alone(context.pgtrickle__wait_for_writers()) -}}
    {%- endcall -%}
    {%- do adapter.commit() -%}
    {%- do log('Refreshes wait for the transactions that have written to what they read.', info=true) -%}
  {%- endif -%}
{% endmacro %}
