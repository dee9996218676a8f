{#- A query without the columns that pg_trickle keeps for itself: as it is where it has none. -#}
{% macro pgtrickle__without_own(query) %}
  {% set all = dbt.default__get_columns_in_query(query) %}
  {% set names = get_columns_in_query(query) %}
  {% if all | length == names | length %}{% do return(query) %}{% endif %}
  {% set quoted = [] %}
  {% for name in names %}{% do quoted.append(adapter.quote(name)) %}{% endfor %}
  {% do return('select ' ~ quoted | join(', ') ~ ' from (\n' ~ query ~ '\n) as dbt_pgtrickle_visible') %}
{% endmacro %}
