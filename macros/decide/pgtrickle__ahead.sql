{#- Why a run will bind a stream table again though nothing of it changed: ['…'] of the table models that it makes anew and the views that
    it changes. model: a node; compiled: {unique_id: SQL or none} of what is selected, none for everything; seen: {unique_id: whether it
    changes}. -#}
{% macro pgtrickle__ahead(model, compiled, seen) %}
  {% set tables, views = [], [] %}
  {% for node in pgtrickle__read_models(model) if compiled is none or node.unique_id in compiled %}
    {% if node.config.materialized == 'table' %}
      {% do tables.append(node.name) %}
    {% elif node.config.materialized == 'view' %}
      {% if node.unique_id not in seen %}
        {% do seen.update({node.unique_id: pgtrickle__view_changes(node, (compiled or {}).get(node.unique_id)
            or pgtrickle__render_model(node))}) %}
      {% endif %}
      {% if seen[node.unique_id] %}{% do views.append(node.name) %}{% endif %}
    {% endif %}
  {% endfor %}
  {% do return((['the table model ' ~ tables | join(', ') ~ ' is made anew on every run'] if tables else [])
      + (['the view ' ~ views | join(', ') ~ ' changes in this run'] if views else [])) %}
{% endmacro %}

{#- Whether a run changes a view that is there. sql: its query, or none where that isn't known. -#}
{% macro pgtrickle__view_changes(node, sql) %}
  {% set relation = adapter.get_relation(node.database, node.schema, node.alias) %}
  {% if not sql or not relation or not relation.is_view %}{% do return(false) %}{% endif %}
  {% do return(pgtrickle__view_difference(relation, pgtrickle__trim_query(pgtrickle__hide_own(node, sql))) != 'none') %}
{% endmacro %}
