{#- Fails with PGT002 where an option of pgtrickle__options has a value that isn't allowed. -#}
{% macro pgtrickle__check_options(model, slips=none) %}
  {% set configs = pgtrickle__configs(model) %}
  {% for key, spec in pgtrickle__options().items() if key in configs %}
    {% do pgtrickle__value(model.name, key, configs[key], spec, slips) %}
  {% endfor %}
{% endmacro %}
