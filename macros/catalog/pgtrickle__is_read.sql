{#- Whether another stream table of this project reads a model, itself or through views.
    Found for all models once a run and kept in dbt's own `graph`, which dbt v2 doesn't let us. model: a node of the manifest as a dict. -#}
{% macro pgtrickle__is_read(model) %}
  {% set read = graph.get('pgtrickle_read') %}
  {% if read is none %}
    {% set read = {} %}
    {% for node in graph.nodes.values() if node.config.get('materialized') == 'stream_table' %}
      {% do pgtrickle__mark_read(node, read) %}
    {% endfor %}
    {% if not pgtrickle__is_v2() %}{% do graph.update({'pgtrickle_read': read}) %}{% endif %}
  {% endif %}
  {% do return(model.get('unique_id') in read) %}
{% endmacro %}

{#- Puts what a node reads into `read`, a dict by unique_id. -#}
{% macro pgtrickle__mark_read(node, read) %}
  {% for unique_id in node.depends_on.get('nodes', []) if unique_id not in read %}
    {% do read.update({unique_id: true}) %}
    {% set parent = graph.nodes.get(unique_id) %}
    {% if parent and parent.config.get('materialized') in ['view', 'ephemeral'] %}{% do pgtrickle__mark_read(parent, read) %}{% endif %}
  {% endfor %}
{% endmacro %}
