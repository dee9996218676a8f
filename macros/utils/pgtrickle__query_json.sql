{#- Runs a statement whose one row has one JSON text column, inside dbt's transaction; gives it parsed. Without dbt's own way of reading a
    result, which guesses the type of each value and takes longer than most of our statements.
    abridged: whether dbt's log gets only the statement's beginning. -#}
{% macro pgtrickle__query_json(statement_sql, abridged=false) %}
  {% set text = adapter.add_query(statement_sql, auto_begin=true, abridge_sql_log=abridged)[1].fetchone()[0] %}
  {% do return(fromjson(text) if text is string else text) %}
{% endmacro %}
