{#- The names of `table` models that a model reads, directly or through views and ephemeral models. -#}
{% macro pgtrickle__table_parents(model) %}
  {% do return(pgtrickle__read_models(model) | selectattr('config.materialized', 'equalto', 'table') | map(attribute='name') | list) %}
{% endmacro %}

{#- The models that a model reads, and those that the views and ephemeral models among them read. -#}
{% macro pgtrickle__read_models(model) %}
  {% set found = [] %}
  {% for unique_id in model.depends_on.get('nodes', []) %}
    {% set node = graph.nodes.get(unique_id) %}
    {% if node and node.resource_type == 'model' %}
      {% do found.append(node) %}
      {% if node.config.materialized in ['view', 'ephemeral'] %}{% do found.extend(pgtrickle__read_models(node)) %}{% endif %}
    {% endif %}
  {% endfor %}
  {% do return(found) %}
{% endmacro %}
