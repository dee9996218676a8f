{#- Makes a stream table of dbt's what a query says now, with the settings that it has, outside of its model's own run.
    found: {schema, name, stream_table: the catalog row, record}; trusted: as in pgtrickle__apply. -#}
{% macro pgtrickle__renew(found, query, trusted) %}
  {% set node = graph.nodes.get(pgtrickle__model_of(found.schema, found.name)) %}
  {% if not node or node.config.materialized != 'stream_table' %}{% do return('') %}{% endif %}
  {% set relation = api.Relation.create(database=target.dbname, schema=found.schema, identifier=found.name, type='table') %}
  {% set stored = pgtrickle__stored_settings(found.stream_table) %}
  {% set asked = (found.get('record') or {}).get('asked') if trusted else none %}
  {% set settings = dict(stored, wanted=dict(stored.wanted, refresh_mode=asked or stored.wanted.refresh_mode)) %}
  {% set done = pgtrickle__apply(node, relation, query, settings, false, 'pgtrickle_rebind', trusted) %}
  {% do pgtrickle__remember(relation, done.record) %}
  {% do adapter.commit() %}
  {% if done.plan.action != 'unchanged' %}{% do pgtrickle__wake_scheduler() %}{% endif %}
  {% do log(relation.schema ~ '.' ~ relation.identifier ~ ': ' ~ pgtrickle__outcome(done.plan), info=true) %}
{% endmacro %}
