{#- One option of pgtrickle__options as the model has it, else its default. Fails with PGT002 where that isn't allowed. -#}
{% macro pgtrickle__option(model, key) %}
  {% do return(pgtrickle__value(model.name, key, pgtrickle__config(model, key), pgtrickle__options()[key])) %}
{% endmacro %}
