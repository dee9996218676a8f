{#- The ways to give a query to the extension, the first that is right counts: [SQL]. Those of macros/flatten don't depend on how a view
    is written and bind the stream table to tables instead of views, so they go first where there are views; else the model's own does. -#}
{% macro pgtrickle__spellings(query) %}
  {% set flat = pgtrickle__within(10, 'dbt_pgtrickle_flat', pgtrickle__flat_function(), pgtrickle__literal(query)) %}
  {% set others = flat.get('candidates') or [] %}
  {% do return(others + [query] if flat.get('views') else [query] + others) %}
{% endmacro %}
