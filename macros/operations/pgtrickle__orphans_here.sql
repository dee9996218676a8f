{#- The rows of pgtrickle__orphans for the project and the target of this run. -#}
{% macro pgtrickle__orphans_here() %}
  {% set built = [] %}
  {% for node in graph.nodes.values() if node.resource_type in ['model', 'seed', 'snapshot'] and node.config.materialized != 'ephemeral' %}
    {% set relation = api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias) %}
    {% set relation = pgtrickle__target_relation(relation, node) if node.config.materialized == 'stream_table' else relation %}
    {% do built.append({'schema_name': relation.schema, 'table_name': relation.identifier}) %}
  {% endfor %}
  {% do return(pgtrickle__rows(pgtrickle__orphans(
      pgtrickle__literal(project_name), pgtrickle__literal(target.schema), pgtrickle__literal(tojson(built))))) %}
{% endmacro %}
