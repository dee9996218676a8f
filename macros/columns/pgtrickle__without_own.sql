{#- A query without the columns that pg_trickle keeps for itself: as it is where it has none. -#}
{% macro pgtrickle__without_own(query) %}
  {% set all = dbt.default__get_columns_in_query(query) %}
  {% set names = get_columns_in_query(query) %}
  {% do return(query if all | length == names | length else pgtrickle__select_from(names, query)) %}
{% endmacro %}

{#- A query with these of its columns, in this order. cast: {column: type} of those that are to have another type. -#}
{% macro pgtrickle__select_from(names, query, cast={}) %}
  {% set columns = [] %}
  {% for name in names %}
    {% set column = adapter.quote(name) %}
    {% do columns.append(column ~ '::' ~ cast[name] ~ ' as ' ~ column if name in cast else column) %}
  {% endfor %}
  {% do return('select ' ~ columns | join(', ') ~ ' from (\n' ~ query ~ '\n) as dbt_pgtrickle_visible') %}
{% endmacro %}
