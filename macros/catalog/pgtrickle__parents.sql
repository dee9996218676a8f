{#- The relations that a model reads, as [{schema, name}]; an ephemeral parent counts as what it reads itself.
    model: a node of the manifest as a dict. -#}
{% macro pgtrickle__parents(model) %}
  {% set parents = [] %}
  {% for unique_id in model.depends_on.get('nodes', []) %}
    {% set node = graph.sources.get(unique_id) or graph.nodes.get(unique_id) %}
    {% if node is none %}
    {% elif node.resource_type == 'source' %}
      {% do parents.append({'schema': node.schema, 'name': node.identifier}) %}
    {% elif node.config.get('materialized') == 'ephemeral' %}
      {% do parents.extend(pgtrickle__parents(node)) %}
    {% else %}
      {% do parents.append({'schema': node.schema, 'name': node.alias}) %}
    {% endif %}
  {% endfor %}
  {% do return(parents) %}
{% endmacro %}
