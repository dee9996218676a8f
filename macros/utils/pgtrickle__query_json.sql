{#- Runs a statement whose one row has one JSON text column, inside dbt's transaction; gives it parsed. -#}
{% macro pgtrickle__query_json(statement_sql) %}
  {% call statement('pgtrickle_query', fetch_result=true, auto_begin=true) %}{{ statement_sql }}{% endcall %}
  {% set text = load_result('pgtrickle_query').table.columns[0].values()[0] %}
  {% do return(fromjson(text) if text is string else text) %}
{% endmacro %}
