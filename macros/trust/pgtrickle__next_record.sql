{#- What pgtrickle__record is to read, once a model's stream table was made what `settings` and `verdict` say.
    query: the model's; said: from pgtrickle__said; state: the catalog afterwards. -#}
{% macro pgtrickle__next_record(model, query, settings, said, verdict, state) %}
  {% do return(dict(pgtrickle__record(state), project=project_name, target=target.schema, model=model.get('unique_id'),
    pgt_id=state.stream_table.pgt_id, asked=settings.asked, settings=said, trial=verdict,
    query=query, parents=state.parents, views=state.views, partitions=state.get('partitions'),
    primary_keys=state.get('primary_keys'), unchanged=none)) %}
{% endmacro %}
