{#- dbt's persist_docs, but only where a comment differs: COMMENT waits for a running refresh, a look doesn't. -#}
{% macro pgtrickle__sync_docs(relation, model, state) %}
  {% set docs = config.get('persist_docs') or {} %}
  {% set stale = namespace(found=docs.get('relation') and (model.description or '') != (state.relation.description or '')) %}
  {% if docs.get('columns') %}
    {% for column in state.columns or [] if column.name in model.columns
        and (model.columns[column.name].description or '') != (column.description or '') %}
      {% set stale.found = true %}
    {% endfor %}
  {% endif %}
  {% if stale.found %}{% do persist_docs(relation, model) %}{% endif %}
{% endmacro %}
