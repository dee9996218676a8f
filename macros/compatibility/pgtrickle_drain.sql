{% macro pgtrickle_drain(timeout_s=60) %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {%- if not execute -%}{{- return(false) -}}{%- endif -%}
  {%- do context.pgtrickle__require_catalog() -%}
  {%- if not context.pgtrickle__has_function('drain') -%}
    {%- do context.pgtrickle__fail('PGT082', 'pgtrickle_drain', 'this pg_trickle has no drain().',
        'Upgrade pg_trickle, or suspend the stream tables: status: PAUSED.') -%}
  {%- endif -%}
  {{- return(context.pgtrickle__rows('select pgtrickle.drain(timeout_s => ' ~ (timeout_s | int) ~ ') as drained')[0].drained) -}}
{% endmacro %}
