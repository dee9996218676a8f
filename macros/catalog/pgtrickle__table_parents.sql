{#- The names of `table` models that a model reads, directly or through views and ephemeral models. -#}
{% macro pgtrickle__table_parents(model) %}
  {% set names = [] %}
  {% for unique_id in model.depends_on.get('nodes', []) %}
    {% set node = graph.nodes.get(unique_id) %}
    {% if node and node.resource_type == 'model' and node.config.materialized == 'table' %}
      {% do names.append(node.name) %}
    {% elif node and node.resource_type == 'model' and node.config.materialized in ['view', 'ephemeral'] %}
      {% do names.extend(pgtrickle__table_parents(node)) %}
    {% endif %}
  {% endfor %}
  {% do return(names) %}
{% endmacro %}
