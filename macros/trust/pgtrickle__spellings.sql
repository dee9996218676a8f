{#- The ways to give a query to the extension, the likeliest to stay right first, the model's own last: [SQL]. Those of
    macros/flatten don't depend on how a view is written, and bind the stream table to tables instead of views. -#}
{% macro pgtrickle__spellings(query) %}
  {% set flat = pgtrickle__within(10, 'dbt_pgtrickle_flat', pgtrickle__flat_function(), pgtrickle__literal(query)) %}
  {% do return((flat.get('candidates') or []) + [query]) %}
{% endmacro %}
