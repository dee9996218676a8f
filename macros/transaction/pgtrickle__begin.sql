{#- Begins a transaction really, where dbt has sent a literal `commit` and takes the next one for open: psycopg2 begins none
    then, so that every later statement would commit by itself, and a lock would be gone at once. Nobody would commit it in dbt v2. -#}
{% macro pgtrickle__begin() %}
  {% if not pgtrickle__is_v2() %}{% call statement('pgtrickle_begin', auto_begin=true) %}begin{% endcall %}{% endif %}
{% endmacro %}
