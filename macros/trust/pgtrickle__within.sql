{#- What a function of ours in pg_temp answers, parsed, under a statement_timeout of so many seconds, which is as it was afterwards.
    Its script runs once a session; unchecked and logged by its beginning alone, for it takes longer to check and to log than to run.
    function: its name; script: the macro that renders the SQL that makes it; arguments: SQL. -#}
{% macro pgtrickle__within(seconds, function, script, arguments) %}
  {% set session = pgtrickle__query_json("select json_build_object('timeout', current_setting('statement_timeout'), 'there', to_regproc('pg_temp." ~ function ~ "') is not null)::text") %}
  {% if not session.there %}
    {% do adapter.add_query('set local check_function_bodies = off;\n' ~ script() ~ '\nset local check_function_bodies to default', abridge_sql_log=true) %}
  {% endif %}
  {% do return(pgtrickle__query_json('set local statement_timeout = ' ~ (seconds * 1000) | int
      ~ ';\nselect pg_temp.' ~ function ~ '(' ~ arguments ~ ")::text, set_config('statement_timeout', " ~ pgtrickle__literal(session.timeout) ~ ', true)')) %}
{% endmacro %}
