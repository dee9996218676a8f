{#- The unique_id of the dbt node that makes this relation, or none where dbt doesn't manage it.
    Found for all nodes once a run and kept in dbt's own `graph`, which dbt v2 doesn't let us. -#}
{% macro pgtrickle__model_of(schema, name) %}
  {% set makers = graph.get('pgtrickle_makers') %}
  {% if makers is none %}
    {% set makers = {} %}
    {% for unique_id, node in graph.nodes.items() if node.resource_type in ['model', 'snapshot', 'seed'] %}
      {% do makers.setdefault((node.schema, node.alias), unique_id) %}
    {% endfor %}
    {% if not pgtrickle__is_v2() %}{% do graph.update({'pgtrickle_makers': makers}) %}{% endif %}
  {% endif %}
  {% do return(makers.get((schema, name))) %}
{% endmacro %}
