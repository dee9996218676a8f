{#- What a function of ours in pg_temp answers, parsed, under a statement_timeout of so many seconds, which is as it was afterwards.
    Its script runs once a session.
    function: its name; script: the SQL that makes it; arguments: SQL. -#}
{% macro pgtrickle__within(seconds, function, script, arguments) %}
  {% set session = pgtrickle__query_json("select json_build_object('timeout', current_setting('statement_timeout'), 'there', to_regproc('pg_temp." ~ function ~ "') is not null)::text") %}
  {% set found = pgtrickle__query_json('set local statement_timeout = ' ~ (seconds * 1000) | int ~ ';\n' ~ ('' if session.there else script)
      ~ '\nselect pg_temp.' ~ function ~ '(' ~ arguments ~ ')::text') %}
  {% call statement('pgtrickle_timeout') %}select set_config('statement_timeout', {{ pgtrickle__literal(session.timeout) }}, true){% endcall %}
  {% do return(found) %}
{% endmacro %}
