{#- Warns with PGT008 where other models read a stream table that is still empty because its model says initialize: false. -#}
{% macro pgtrickle__warn_unfilled(model, settings, stream_table) %}
  {% if settings.wanted.initialize or stream_table.is_populated %}{% do return('') %}{% endif %}
  {% set readers = [] %}
  {% for node in graph.nodes.values() if node.resource_type in ['model', 'snapshot'] and model.unique_id in node.depends_on.nodes %}
    {% do readers.append(node.name) %}
  {% endfor %}
  {% if readers %}
    {% do pgtrickle__warn('PGT008', model.name, 'it is still empty (initialize: false) and read by ' ~ readers | join(', ') ~ '.', 'Refresh it before they run: dbt run-operation pgtrickle_refresh --args "{model_name: ' ~ model.name ~ '}"') %}
  {% endif %}
{% endmacro %}
