{#- The rows of a query as dicts, with the database's own types: agate would guess others. -#}
{% macro pgtrickle__rows(query) %}
  {% do return(pgtrickle__query_json(
    "select coalesce(pg_catalog.json_agg(answer), '[]'::pg_catalog.json)::pg_catalog.text from (\n" ~ query ~ '\n) as answer')) %}
{% endmacro %}
