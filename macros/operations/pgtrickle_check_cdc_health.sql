{#- Fail unless every change of every source is captured. -#}
{% macro pgtrickle_check_cdc_health() %}
  {%- do context.update(dict(context.get('dbt_pgtrickle', {}), **context)) -%}
  {%- if execute -%}
    {%- do context.pgtrickle__require_catalog() -%}
    {%- set verdicts = context.pgtrickle__rows(context.pgtrickle__cdc_health()) -%}
    {%- if context.pgtrickle__rows(context.pgtrickle__has_recovery())[0].has_recovery -%}
      {%- set verdicts = context.pgtrickle__rows(context.pgtrickle__recovery()) + verdicts -%}
    {%- endif -%}
    {%- do context.pgtrickle__tell('cdc-health', verdicts) -%}
  {%- endif -%}
{% endmacro %}
