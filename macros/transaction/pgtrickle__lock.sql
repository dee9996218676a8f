{#- Waits until no other session changes the extension's catalog or what stream tables read, to the end of the transaction: 0.67.0 fails at
    random when two sessions create on the same source. Reads, refreshes and unchanged models never come here.
    Under dbt v2 that end comes at once, so blocks that change something take it again (pgtrickle__lock_call). -#}
{% macro pgtrickle__lock() %}
  {% call statement('pgtrickle_lock') %}{{ pgtrickle__lock_sql() }}{% endcall %}
{% endmacro %}

{#- The same as SQL. shared: with others that hold it so, for what makes relations of its own alone. -#}
{% macro pgtrickle__lock_sql(shared=false) -%}
  select {{ pgtrickle__lock_call(shared) }}
{%- endmacro %}

{#- The same as an expression, for PL/pgSQL too. -#}
{% macro pgtrickle__lock_call(shared=false) -%}
  pg_catalog.pg_advisory_xact_lock{{ '_shared' if shared }}(pg_catalog.hashtext('dbt_pgtrickle'))
{%- endmacro %}
