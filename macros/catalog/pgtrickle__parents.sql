{#- The relations that a model reads, each once, as [{schema, name}]; an ephemeral parent counts as what it reads itself.
    model: a node of the manifest as a dict. -#}
{% macro pgtrickle__parents(model) %}
  {% set parents = [] %}
  {% for unique_id in model.depends_on.get('nodes', []) %}
    {% set node = graph.sources.get(unique_id) or graph.nodes.get(unique_id) %}
    {% set found = [] %}
    {% if node is none %}
    {% elif node.resource_type == 'source' %}
      {% do found.append({'schema': node.schema, 'name': node.identifier}) %}
    {% elif node.config.get('materialized') == 'ephemeral' %}
      {% do found.extend(pgtrickle__parents(node)) %}
    {% else %}
      {% do found.append({'schema': node.schema, 'name': node.alias}) %}
    {% endif %}
    {# what a model reads may be read by its ephemeral parents too #}
    {% for relation in found if relation not in parents %}{% do parents.append(relation) %}{% endfor %}
  {% endfor %}
  {% do return(parents) %}
{% endmacro %}
