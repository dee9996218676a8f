{#- Fails with a refusal, [code, problem, remedy]; does nothing where it is none. -#}
{% macro pgtrickle__refuse(model, refusal) %}
  {% if refusal %}{% do pgtrickle__fail(refusal[0], model.name, refusal[1], refusal[2]) %}{% endif %}
{% endmacro %}
