{#- One statement of dbt's own as it is sent: while nobody else changes stream tables, or what they read, to the end of its transaction. -#}
{% macro pgtrickle__alone(statement) %}
  {% do return(pgtrickle__at_once(statement ~ ';') if pgtrickle__is_v2() else pgtrickle__lock_sql() ~ '; ' ~ statement) %}
{% endmacro %}
