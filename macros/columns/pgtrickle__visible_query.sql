{#- A model's query without what `*` takes along of the stream tables that it reads: the columns that pg_trickle keeps for itself there.
    query: trimmed SQL; state: from pgtrickle__describe. -#}
{% macro pgtrickle__visible_query(query, state) %}
  {% if not state.carries_own or '*' not in query %}{% do return(query) %}{% endif %}
  {% set names, visible = [], [] %}
  {% for column in pgtrickle__compare_queries(query).get('columns') or [] %}
    {% do names.append(column.name) %}
    {% if not column.name.startswith('__pgt_') %}{% do visible.append(column.name) %}{% endif %}
  {% endfor %}
  {% do return(query if names == visible else pgtrickle__select_from(visible, query)) %}
{% endmacro %}
