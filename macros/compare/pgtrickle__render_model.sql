{#- A model's SQL, rendered outside of its own run; none where it reads an ephemeral model, which only dbt can inject. -#}
{% macro pgtrickle__render_model(node) %}
  {% for unique_id in node.depends_on.nodes if (graph.nodes.get(unique_id) or {}).get('config', {}).get('materialized') == 'ephemeral' %}
    {% do return(none) %}
  {% endfor %}
  {% do return(render(node.raw_code)) %}
{% endmacro %}
