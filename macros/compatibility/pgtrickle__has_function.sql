{#- Whether the installed pg_trickle has a function of this name. -#}
{% macro pgtrickle__has_function(name) %}
  {% do return(pgtrickle__rows("select exists (select from pg_proc where pronamespace = to_regnamespace('pgtrickle')
      and proname = " ~ pgtrickle__literal(name) ~ ') as found')[0].found) %}
{% endmacro %}
