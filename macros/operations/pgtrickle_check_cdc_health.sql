{#- Fail unless every change of every source is captured. -#}
{% macro pgtrickle_check_cdc_health() %}
  {%- if execute -%}
    {%- do pgtrickle__require_catalog() -%}
    {%- set verdicts = pgtrickle__rows(pgtrickle__cdc_health()) -%}
    {%- if pgtrickle__rows(pgtrickle__has_recovery())[0].has_recovery -%}
      {%- set verdicts = pgtrickle__rows(pgtrickle__recovery()) + verdicts -%}
    {%- endif -%}
    {%- do pgtrickle__tell('cdc-health', verdicts) -%}
  {%- endif -%}
{% endmacro %}
