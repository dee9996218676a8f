{% macro pgtrickle_check_cdc_health(everything=false) %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) if context.anything is undefined -%}
  {%- if execute -%}
    {%- do context.pgtrickle__require_catalog() -%}
    {%- set verdicts = context.pgtrickle__rows(context.pgtrickle__cdc_health(
      managed=context.pgtrickle__literal(context.pgtrickle__managed()),
      everything=context.pgtrickle__literal(context.pgtrickle__switch('everything', everything)))) -%}
    {%- if context.pgtrickle__has_function('validate_recovery') -%}
      {%- set verdicts = context.pgtrickle__rows(context.pgtrickle__recovery()) + verdicts -%}
    {%- endif -%}
    {%- do context.pgtrickle__tell('cdc-health', verdicts) -%}
  {%- endif -%}
{% endmacro %}
