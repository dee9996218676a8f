{#- What became of dependents that couldn't be made again: dbt's own come later in this run, or the run fails and all is
    as it was; others are named. lost: [{index, reason}] into dependents. -#}
{% macro pgtrickle__report_lost(model, dependents, lost) %}
  {% for entry in lost %}
    {% set dependent = dependents[entry.index] %}
    {% set what = dependent.kind ~ ' ' ~ dependent.schema ~ '.' ~ dependent.name %}
    {% if dependent.managed and dependent.managed not in selected_resources %}
      {% do pgtrickle__fail('PGT033', model.name, what ~ ' stands on it and fails on the new columns: ' ~ entry.reason ~ '.',
          'Select it too: dbt run --select ' ~ model.name ~ '+') %}
    {% elif not dependent.managed %}
      {% do pgtrickle__warn('PGT034', model.name, what ~ ' is gone: it fails on the new columns (' ~ entry.reason ~ ').',
          'Its definition was: ' ~ (dependent.definition or (dependent.stream_table or {}).get('defining_query', ''))) %}
    {% endif %}
  {% endfor %}
{% endmacro %}
