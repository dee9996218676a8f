{#- Warns with PGT026 about what this run built, and is no stream table, with columns that pg_trickle keeps for itself in one. -#}
{% macro pgtrickle__tell_carriers() %}
  {% for carrier in pgtrickle__rows(pgtrickle__carriers()) %}
    {% set node = graph.nodes.get(pgtrickle__model_of(carrier.schema_name, carrier.table_name)) %}
    {% if node and node.unique_id in selected_resources %}
      {% do pgtrickle__warn('PGT026', node.name, carrier.cause ~ '.', carrier.remedy ~ '.') %}
    {% endif %}
  {% endfor %}
{% endmacro %}
