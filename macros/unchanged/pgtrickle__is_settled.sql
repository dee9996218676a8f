{#- Whether nothing that a model reads was made or changed in this run, so that pgtrickle__first_look still holds for it. What other
    sessions do meanwhile is found at the run's end (pgtrickle_rebind), or by the next run.
    model: a node of the manifest as a dict. -#}
{% macro pgtrickle__is_settled(model) %}
  {% set settled = graph.setdefault('pgtrickle_settled', {}) %}
  {% for unique_id in model.depends_on.get('nodes', []) %}
    {% if unique_id not in settled %}
      {% set parent = graph.nodes.get(unique_id) %}
      {% set runs = parent and unique_id in selected_resources and parent.config.get('materialized') != 'ephemeral' %}
      {% do settled.update({unique_id: not parent or (not runs and pgtrickle__is_settled(parent))}) %}
    {% endif %}
    {% if not settled[unique_id] %}{% do return(false) %}{% endif %}
  {% endfor %}
  {% do return(true) %}
{% endmacro %}

{#- Notes that a run left a model's relation as it was. -#}
{% macro pgtrickle__leave_alone(model) %}
  {% if not pgtrickle__is_v2() %}{% do graph.setdefault('pgtrickle_settled', {}).update({model.unique_id: true}) %}{% endif %}
{% endmacro %}
