{#- Writes what pgtrickle__record reads, after a model's stream table was made what `settings` and `verdict` say.
    relation: the stream table's; query: the model's; said: from pgtrickle__said; state: the catalog afterwards. -#}
{% macro pgtrickle__remember(relation, model, query, settings, said, verdict, state) %}
  {% set record = dict(pgtrickle__record(state), project=project_name, target=target.schema, model=model.get('unique_id'),
    pgt_id=state.stream_table.pgt_id, asked=settings.asked, settings=said, trial=verdict,
    query=query, parents=pgtrickle__parents(model), views=state.views, partitions=state.get('partitions'),
    unchanged=none) %}
  {% call statement('pgtrickle_remember') -%}
    comment on column {{ relation.include(database=false) }}.__pgt_row_id is {{ pgtrickle__literal(tojson(record)) | trim }}
  {%- endcall %}
{% endmacro %}
