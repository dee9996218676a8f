{#- What dbt remembers of a stream table, beside it in the database: the comment of its hidden column __pgt_row_id, as JSON. So it goes
    where the stream table goes, needs no right but its owner's, and nobody else can write it.
    {project: of the run, target: its target's schema, model: unique_id, pgt_id: the entry's, which tells whose table it is
    (pgtrickle__entries), asked: the refresh mode of the model, settings: what it said of those that the server sets too
    (pgtrickle__said), trial: the verdict of pgtrickle__try, query: the model's, which
    the extension may have in another spelling, parents: the relations that it names, views: the meaning of the views among
    them (pgtrickle__view_fingerprint), partitions: pgtrickle__partitions, primary_keys: {table: definition} of those that it reads,
    unchanged: {model, state}, the fingerprints of pgtrickle__remember_unchanged}
    state: from pgtrickle__describe. Gives {} where there is none. -#}
{% macro pgtrickle__record(state) %}
  {% do return((fromjson(state.record, {}) or {}) if state.get('record') else {}) %}
{% endmacro %}
