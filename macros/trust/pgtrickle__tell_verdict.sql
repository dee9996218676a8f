{#- Says what a new verdict means, or fails where the model can't be kept right. -#}
{% macro pgtrickle__tell_verdict(model, query, settings, verdict) %}
  {% set message = pgtrickle__verdict_message(model, query, settings, verdict) %}
  {% if message and message.fails %}
    {% do pgtrickle__fail(message.code, model.name, message.problem, message.remedy) %}
  {% elif message %}
    {% do pgtrickle__warn(message.code, model.name, message.problem, message.remedy) %}
  {% endif %}
{% endmacro %}
