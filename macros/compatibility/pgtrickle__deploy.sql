{#- Makes a stream table what the arguments of an upstream macro say, decided and done as for a model; what they don't
    say stays as it is. Gives what was done.
    name: as in pgtrickle__locate; query: SQL, none to keep it; given: {setting: value}, none of them none except schedule;
    expected: new | existing | any. -#}
{% macro pgtrickle__deploy(name, query, given, expected) %}
  {% do pgtrickle__require_extension(name) %}
  {% set relation = pgtrickle__locate(name) %}
  {% set model = {'name': name, 'config': given, 'depends_on': {'nodes': []}, 'columns': {}} %}
  {% do pgtrickle__refuse(model, pgtrickle__name_slip(relation)) %}
  {% set settings = pgtrickle__settings(model) %}
  {% set state = pgtrickle__describe(relation, model) %}
  {% set stored = state.stream_table %}
  {% if expected == 'existing' %}
    {% do pgtrickle__entry(name, required=true) %}
  {% elif expected == 'new' and stored %}
    {% do pgtrickle__fail('PGT080', name, 'a stream table of that name exists already.',
        'Use pgtrickle_create_or_replace_stream_table, or drop it first.') %}
  {% elif state.relation and not stored %}
    {% do pgtrickle__fail('PGT083', name, 'a ' ~ pgtrickle__kind(state.relation.kind) ~ ' of that name exists already.',
        'Take another name, or drop it first where nobody needs it.') %}
  {% endif %}
  {% if stored %}
    {% set kept = pgtrickle__stored_settings(stored) %}
    {% do kept.wanted.update({'refresh_mode': pgtrickle__record(state).get('asked') or kept.wanted.refresh_mode}) %}
    {# upstream: what only a new table can have is not for one that exists #}
    {% for key in settings.given if pgtrickle__setting_specs()[key].change != 'replace' %}
      {% do kept.wanted.update({key: settings.wanted[key]}) %}
      {% do kept.given.append(key) %}
    {% endfor %}
    {% set settings = kept %}
  {% endif %}
  {% set query = pgtrickle__trim_query(query) if query is not none else pgtrickle__record(state).get('query')
      or stored.stored_query %}
  {% set done = pgtrickle__apply(model, relation, query, settings, false, 'pgtrickle_deploy') %}
  {% do pgtrickle__remember(relation, done.record) %}
  {% do pgtrickle__commit() %}
  {% do log(relation.schema ~ '.' ~ relation.identifier ~ ': ' ~ pgtrickle__outcome(done.plan), info=true) %}
  {% do return(done.plan.action) %}
{% endmacro %}
