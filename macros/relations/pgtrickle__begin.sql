{#- Begins a transaction really, where dbt has sent a literal `commit` and takes the next one for open: psycopg2 begins none
    then, so that every later statement would commit by itself, and a lock would be gone at once. -#}
{% macro pgtrickle__begin() %}
  {% call statement('pgtrickle_begin', auto_begin=true) %}begin{% endcall %}
{% endmacro %}
