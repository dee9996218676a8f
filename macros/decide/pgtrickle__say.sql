{#- The warnings of a plan, each with its code. -#}
{% macro pgtrickle__say(model, plan) %}
  {% for code, problem, remedy in plan.warnings %}
    {% do pgtrickle__warn(code, model.name, problem, remedy) %}
  {% endfor %}
{% endmacro %}
