{#- Statements that hold together, while nobody else changes stream tables: as they are in dbt 1, which has a transaction and has taken the
    lock; one block in dbt v2. They end in semicolons, and none is a SELECT. -#}
{% macro pgtrickle__at_once(statements) %}
  {% if not pgtrickle__is_v2() %}{% do return(statements) %}{% endif %}
  {% do return('do ' ~ pgtrickle__dollar_quote('begin\nperform ' ~ pgtrickle__lock_call() ~ ';\n' ~ statements ~ '\nend')) %}
{% endmacro %}
