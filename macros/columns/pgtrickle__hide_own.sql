{#- A model's SQL as it makes its relation: where it selects `*` and reads a stream table, with a subquery of the columns that dbt sees in
    that one's place, so that a view doesn't hang on those that come and go. model: a node as a dict. -#}
{% macro pgtrickle__hide_own(model, sql) %}
  {% if '*' not in sql %}{% do return(sql) %}{% endif %}
  {% for unique_id in model.depends_on.get('nodes', []) %}
    {# a unit test has no graph #}
    {% set parent = graph.get('nodes', {}).get(unique_id) %}
    {% if parent and parent.config.get('materialized') in ['stream_table', 'ephemeral'] %}
      {% set query = pgtrickle__trim_query(sql) %}
      {% do return(pgtrickle__seen(model, query) or query) %}
    {% endif %}
  {% endfor %}
  {% do return(sql) %}
{% endmacro %}

{#- A model's query with such subqueries; none where nothing that it reads has columns of pg_trickle's own. -#}
{% macro pgtrickle__seen(model, query) %}
  {% do return(pgtrickle__within(10, 'dbt_pgtrickle_visible', pgtrickle__visible_functions,
      pgtrickle__literal(query) ~ ', ' ~ pgtrickle__literal(tojson(pgtrickle__parents(model))) ~ '::jsonb')) %}
{% endmacro %}

{#- The functions of that alone. -#}
{% macro pgtrickle__visible_functions() -%}
{{ pgtrickle__rename_function() }}
{{ pgtrickle__visible_function() }}
{%- endmacro %}
