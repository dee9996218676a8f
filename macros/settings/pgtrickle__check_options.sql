{#- Fails with PGT002 where an option of pgtrickle__options has a value that isn't allowed. -#}
{% macro pgtrickle__check_options(model) %}
  {% for key in pgtrickle__options() %}{% do pgtrickle__option(model, key) %}{% endfor %}
{% endmacro %}
