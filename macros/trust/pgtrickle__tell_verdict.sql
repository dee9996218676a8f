{#- Says what a new verdict means, or fails where the model can't be kept right. -#}
{% macro pgtrickle__tell_verdict(model, query, settings, verdict) %}
  {% set message = pgtrickle__verdict_message(model, query, settings, verdict) %}
  {% if message and message.fails %}
    {% do pgtrickle__fail(message.code, model.name, message.problem, message.remedy) %}
  {% elif message %}
    {% do pgtrickle__warn(message.code, model.name, message.problem, message.remedy) %}
  {% endif %}
  {% if verdict.get('retyped') %}
    {% do pgtrickle__warn('PGT069', model.name, verdict.version ~ ' takes char(n) for one character, so these columns are text in its stream table: '
        ~ verdict.retyped | join(', ') ~ '.', 'Cast them to text in the model to say so.') %}
  {% endif %}
{% endmacro %}
