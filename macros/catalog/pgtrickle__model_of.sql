{#- The unique_id of the dbt node that makes this relation, or none where dbt doesn't manage it. -#}
{% macro pgtrickle__model_of(schema, name) %}
  {% for unique_id, node in graph.nodes.items() if node.resource_type in ['model', 'snapshot', 'seed'] and node.alias == name
      and node.schema == schema %}
    {% do return(unique_id) %}
  {% endfor %}
  {% do return(none) %}
{% endmacro %}
