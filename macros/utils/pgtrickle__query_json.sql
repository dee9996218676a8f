{#- Runs a statement whose one row has one JSON text column, inside dbt's transaction; gives it parsed. Without dbt's own way of reading a
    result, which guesses the type of each value and takes longer than most of our statements; dbt v2 has no other.
    abridged: whether dbt's log gets only the statement's beginning. -#}
{% macro pgtrickle__query_json(statement_sql, abridged=false) %}
  {% if pgtrickle__is_v2() %}
    {% call statement('pgtrickle_query', fetch_result=true, auto_begin=true) %}{{ statement_sql }}{% endcall %}
    {% set text = load_result('pgtrickle_query').table.columns[0].values()[0] %}
  {% else %}
    {% set text = adapter.add_query(statement_sql, auto_begin=true, abridge_sql_log=abridged)[1].fetchone()[0] %}
  {% endif %}
  {% do return(fromjson(text) if text is string else text) %}
{% endmacro %}
