{#- A refusal or a warning as the plan has it. code: PGT and three digits (docs/codes.md); problem, remedy: one sentence each. -#}
{% macro pgtrickle__finding(code, problem, remedy='') %}
  {% do return({'code': code, 'problem': problem, 'remedy': remedy}) %}
{% endmacro %}
