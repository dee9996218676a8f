{#- Drops one stream table and says what goes with it: pg_trickle drops views on it without a word, and takes the
    stream tables that read from it as no obstacle where they are bound to an earlier OID.
    entry: from pgtrickle__entry. -#}
{% macro pgtrickle__drop(entry) %}
  {% do pgtrickle__lock() %}
  {% set readers, views = [], [] %}
  {% for dependent in pgtrickle__dependents(entry.relid or 0) %}
    {% do (readers if dependent.stream_table else views).append(dependent.schema ~ '.' ~ dependent.name) %}
  {% endfor %}
  {% if readers %}
    {% do pgtrickle__fail('PGT084', entry.call_name, 'these stream tables read from it: ' ~ readers | join(', ') ~ '.',
        'Drop them first where nobody needs them.') %}
  {% endif %}
  {% call statement('pgtrickle_drop') %}{{ pgtrickle__drop_statement(entry.pgt_id) }}{% endcall %}
  {% do pgtrickle__commit() %}
  {% do log('dropped ' ~ entry.call_name ~ (' and with it ' ~ views | join(', ') if views else ''), info=true) %}
{% endmacro %}
