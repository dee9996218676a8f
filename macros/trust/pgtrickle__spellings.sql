{#- The ways to give a query to the extension, the likeliest to stay right first, the model's own last: [SQL]. -#}
{% macro pgtrickle__spellings(query) %}
  {% do return([query]) %}
{% endmacro %}
