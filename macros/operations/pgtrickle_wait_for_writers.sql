{% macro pgtrickle_wait_for_writers() %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {%- if execute -%}
    {%- do context.pgtrickle__require_catalog() -%}
    {%- set found = context.pgtrickle__waiting() -%}
    {%- if not found.allowed -%}
      {%- do context.pgtrickle__fail('PGT068', 'pgtrickle_wait_for_writers', 'the role ' ~ found.role ~ ' may not make triggers on the '
        ~ 'catalog of pg_trickle.', "Run it with a superuser's name and password in .env, or as the extension's owner.") -%}
    {%- endif -%}
    {%- call statement('pgtrickle_wait_for_writers', auto_begin=true) -%}
      {{- context.pgtrickle__alone(context.pgtrickle__wait_for_writers()) -}}
    {%- endcall -%}
    {%- do adapter.commit() -%}
    {%- do log('Refreshes wait for the transactions that have written to what they read.', info=true) -%}
  {%- endif -%}
{% endmacro %}
