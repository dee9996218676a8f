{#- A model's query without what `*` takes along of the stream tables that it reads: the columns that pg_trickle keeps for itself there.
    model: a node as a dict; query: trimmed SQL; state: from pgtrickle__describe. -#}
{% macro pgtrickle__visible_query(model, query, state) %}
  {% if not state.carries_own or '*' not in query %}{% do return(query) %}{% endif %}
  {% do return(pgtrickle__seen(model, query)) %}
{% endmacro %}
