{#- Commits what a macro did by itself; inside a model it is part of the model's own transaction. -#}
{% macro pgtrickle__commit() %}
  {% if model is not defined or model.resource_type not in ['model', 'seed', 'snapshot'] %}
    {% do adapter.commit() %}
  {% endif %}
{% endmacro %}
