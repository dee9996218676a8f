{#- The verdicts of pgtrickle__freshness. What waits for a calculated table may have come just now: a second look tells. -#}
{% macro pgtrickle__freshness_rows(managed, model_name, warn_seconds, error_seconds, everything) %}
  {%- set query = pgtrickle__freshness(managed, model_name, warn_seconds, error_seconds, everything,
      pgtrickle__literal(tojson(pgtrickle__orphans_here() | map(attribute='pgt_id') | list))) -%}
  {%- set answer = namespace(rows=pgtrickle__rows(query)) -%}
  {%- set late = answer.rows | selectattr('schedule', 'none') | map(attribute='reason') | select('in', ['late', 'getting_late']) | list -%}
  {%- if late -%}
    {%- do run_query('select pg_catalog.pg_sleep(3)') -%}
    {%- set answer.rows = pgtrickle__rows(query) -%}
  {%- endif -%}
  {% do return(answer.rows) %}
{% endmacro %}
