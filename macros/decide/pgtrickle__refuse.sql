{#- Fails with a refusal (pgtrickle__finding); does nothing where it is none. -#}
{% macro pgtrickle__refuse(model, refusal) %}
  {% if refusal %}{% do pgtrickle__fail(refusal.code, model.name, refusal.problem, refusal.remedy) %}{% endif %}
{% endmacro %}
