{#- Runs a statement whose one row has one JSON text column, inside dbt's transaction; gives it parsed. Without dbt's own way of reading a
    result, which guesses the type of each value and takes longer than most of our statements; dbt v2 has no other.
    before: statements of ours to run first; after: SQL expression to evaluate when it is over; abridged: whether dbt's log gets only the
    statement's beginning. The names in all of it are found under our search_path (pgtrickle__pinned). -#}
{% macro pgtrickle__query_json(statement_sql, before='', after='', abridged=false) %}
  {% set is_v2 = pgtrickle__is_v2() %}
  {% set local = pgtrickle__literal(not is_v2) | trim %}
  {% set pinned_sql = 'select ' ~ pgtrickle__pin(local) ~ ';\n' ~ (before ~ ';\n' if before else '')
    ~ 'select (\n' ~ statement_sql ~ '\n) as answer, ' ~ (after ~ ' as afterwards, ' if after else '') ~ pgtrickle__unpin(local) %}
  {% if is_v2 %}
    {% call statement('pgtrickle_query', fetch_result=true, auto_begin=true) %}{{ pinned_sql }}{% endcall %}
    {% set text = load_result('pgtrickle_query').table.columns[0].values()[0] %}
  {% else %}
    {% set text = adapter.add_query(pinned_sql, auto_begin=true, abridge_sql_log=abridged)[1].fetchone()[0] %}
  {% endif %}
  {% do return(fromjson(text) if text is string else text) %}
{% endmacro %}
