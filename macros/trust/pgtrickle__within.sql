{#- pgtrickle__query_json under a statement_timeout of so many seconds, which is as it was afterwards. -#}
{% macro pgtrickle__within(seconds, statement_sql) %}
  {% set before = pgtrickle__query_json("select to_json(current_setting('statement_timeout'))::text") %}
  {% set found = pgtrickle__query_json('set local statement_timeout = ' ~ (seconds * 1000) | int ~ ';\n' ~ statement_sql) %}
  {% call statement('pgtrickle_timeout') %}select set_config('statement_timeout', {{ pgtrickle__literal(before) }}, true){% endcall %}
  {% do return(found) %}
{% endmacro %}
