{#- The relation that a stream table's name means: schema.name as it is; a bare name is the stream_table model of that
    name, wherever it lives, else a relation in the target's schema. -#}
{% macro pgtrickle__locate(name) %}
  {% set parts = name.replace('"', '').split('.') %}
  {% set schema = parts[-2] if parts | length > 1 else target.schema %}
  {% for node in graph.nodes.values() if parts | length == 1 and node.name == parts[0] and node.config.materialized == 'stream_table' %}
    {% do return(pgtrickle__target_relation(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias),
        node)) %}
  {% endfor %}
  {% do return(api.Relation.create(database=target.dbname, schema=schema, identifier=parts[-1], type='table')) %}
{% endmacro %}
