{#- What a model says, as one md5: as long as it and pgtrickle__state_fingerprint are what they were, there is nothing to check, to decide
    or to do.
    model: a node of the manifest as a dict; sql: its compiled query. -#}
{% macro pgtrickle__model_fingerprint(model, sql) %}
  {% do return(local_md5([pgtrickle__generation(), sql, model.config, model.description, model.columns,
      model.get('constraints'), pgtrickle__is_read(model)] | join('|'))) %}
{% endmacro %}
