{#- Fails with PGT002 where an option of pgtrickle__options has a value that isn't allowed. -#}
{% macro pgtrickle__check_options(model) %}
  {% for key, allowed in pgtrickle__options().items() if pgtrickle__option(model, key) not in allowed %}
    {% do pgtrickle__fail('PGT002', model.name, key ~ " is '" ~ pgtrickle__option(model, key) ~ "', which isn't allowed.", 'Allowed: ' ~ allowed | join(', ') ~ '.') %}
  {% endfor %}
{% endmacro %}
