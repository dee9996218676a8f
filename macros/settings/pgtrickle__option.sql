{#- One option of pgtrickle__options as the model has it, else its default (the first allowed value). -#}
{% macro pgtrickle__option(model, key) %}
  {% do return((pgtrickle__config(model, key, none) or pgtrickle__options()[key][0]) | string | lower) %}
{% endmacro %}
