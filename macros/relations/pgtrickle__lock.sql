{#- Waits until no other session changes the extension's catalog, to the end of the transaction: 0.67.0 fails at random
    when two sessions create on the same source. Reads, refreshes and unchanged models never come here. -#}
{% macro pgtrickle__lock() %}
  {% call statement('pgtrickle_lock') %}select pg_advisory_xact_lock(hashtext('dbt_pgtrickle')){% endcall %}
{% endmacro %}
