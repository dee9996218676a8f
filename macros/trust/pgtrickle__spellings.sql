{#- The ways to give a query to the extension, the first that is right counts: [SQL], from macros/flatten. -#}
{% macro pgtrickle__spellings(query) %}
  {% set flat = pgtrickle__within(60, 'dbt_pgtrickle_flat_in_time', pgtrickle__flat_function, pgtrickle__literal(query)) %}
  {% do return(flat.get('spellings') or [query]) %}
{% endmacro %}
