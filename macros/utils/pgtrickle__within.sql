{#- What a function of ours in pg_temp answers, parsed, under a statement_timeout of so many seconds, which is as it was afterwards.
    Its script runs once a session; unchecked and logged by its beginning alone, for it takes longer to check and to log than to run.
    dbt v2 commits each statement by itself: there the script is one block, and the timeout the session's.
    function: its name; script: the macro that renders the SQL that makes it; arguments: SQL. -#}
{% macro pgtrickle__within(seconds, function, script, arguments) %}
  {% set is_v2 = pgtrickle__is_v2() %}
  {% set session = pgtrickle__query_json("
    select json_build_object('timeout', current_setting('statement_timeout'),
      'there', to_regproc('pg_temp." ~ function ~ "') is not null)::text") %}
  {% if not session.there and is_v2 %}
    {% call statement('pgtrickle_functions') %}do {{ pgtrickle__dollar_quote(
      "begin\nperform set_config('check_function_bodies', 'off', true);\n" ~ script() ~ '\nend') }}{% endcall %}
  {% elif not session.there %}
    {% do adapter.add_query('set local check_function_bodies = off;\n' ~ script() ~ '\nset local check_function_bodies to default',
        abridge_sql_log=true) %}
  {% endif %}
  {% do return(pgtrickle__query_json('select pg_temp.' ~ function ~ '(' ~ arguments ~ ')::text',
      before=pgtrickle__note() ~ ';\nset ' ~ ('' if is_v2 else 'local ') ~ 'statement_timeout = '
        ~ (seconds * 1000) | int,
      after="set_config('statement_timeout', " ~ pgtrickle__literal(session.timeout) ~ ', ' ~ pgtrickle__literal(not is_v2) ~ ')')) %}
{% endmacro %}
