{#- Fails with PGT002 where an option of pgtrickle__options has a value that isn't allowed. -#}
{% macro pgtrickle__check_options(model, slips=none) %}
  {% for key, spec in pgtrickle__options().items() %}{% do pgtrickle__value(model.name, key, pgtrickle__config(model, key), spec,
      slips) %}{% endfor %}
{% endmacro %}
