{#- What was remembered of the stream tables of the database, as it was when the run's first one was built: {schema.name: {model: its
    model's fingerprint, same: whether the stream table was what it was when that was remembered}}.
    Read once a run and kept in dbt's own `graph`, which lives as long as the run; none as long as another thread reads it. dbt v2 has no
    such place, and looks at each model. -#}
{% macro pgtrickle__first_look() %}
  {% if pgtrickle__is_v2() %}{% do return({}) %}{% endif %}
  {% if 'pgtrickle_first_look' not in graph %}
    {% do graph.update({'pgtrickle_first_look': none}) %}
    {% do graph.update({'pgtrickle_first_look': pgtrickle__query_json("
      select coalesce(json_object_agg(name, json_build_object('model', record -> 'unchanged' ->> 'model', 'same',
        record -> 'unchanged' ->> 'state' = state)), '{}')::text
      from (" ~ pgtrickle__state_fingerprint('true') ~ ") as fingerprint", abridged=true)}) %}
  {% endif %}
  {% do return(graph.pgtrickle_first_look) %}
{% endmacro %}
