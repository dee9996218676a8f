{#- Warnings (pgtrickle__finding), each with its code. -#}
{% macro pgtrickle__say(model, warnings) %}
  {% for warning in warnings %}{% do pgtrickle__warn(warning.code, model.name, warning.problem, warning.remedy) %}{% endfor %}
{% endmacro %}
