{% macro pgtrickle_enable_monitoring() %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {%- if execute -%}
    {%- do context.pgtrickle__require_catalog() -%}
    {%- if not context.pgtrickle__has_function('setup_self_monitoring') -%}
      {%- do context.pgtrickle__warn('PGT082', 'pgtrickle_enable_monitoring', 'this pg_trickle has no self-monitoring.',
          'Nothing was done.') -%}
    {%- else -%}
      {%- do context.pgtrickle__self_monitoring() -%}
    {%- endif -%}
  {%- endif -%}
{% endmacro %}
