{#- Whether the installed pg_trickle has a function of this name. -#}
{% macro pgtrickle__has_function(name) %}
  {% do return(pgtrickle__rows(pgtrickle__function(pgtrickle__literal(name))) | length > 0) %}
{% endmacro %}
