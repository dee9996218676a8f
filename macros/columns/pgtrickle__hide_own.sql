{#- A model's SQL as it makes its relation: where it selects `*` and reads a stream table, without the columns that pg_trickle keeps for
    itself. model: a node as a dict. -#}
{% macro pgtrickle__hide_own(model, sql) %}
  {% if '*' not in sql %}{% do return(sql) %}{% endif %}
  {% for unique_id in model.depends_on.get('nodes', []) %}
    {# a unit test has no graph #}
    {% set parent = graph.get('nodes', {}).get(unique_id) %}
    {% if parent and parent.config.get('materialized') in ['stream_table', 'ephemeral'] %}
      {% do return(pgtrickle__without_own(pgtrickle__trim_query(sql))) %}
    {% endif %}
  {% endfor %}
  {% do return(sql) %}
{% endmacro %}
