{#- The calls that create a stream table with all its settings: create_stream_table, and alter_stream_table for what
    only that takes. Only what was set is sent.
    name: schema.name; query: trimmed SQL; settings: from pgtrickle__settings; functions: from pgtrickle__describe;
    refresh_mode: overrides the setting; suspended: pause it at the end. Gives a list of SQL expressions. -#}
{% macro pgtrickle__create_calls(name, query, settings, functions, refresh_mode=none, suspended=false) %}
  {% set specs = pgtrickle__setting_specs() %}
  {% set wanted = settings.wanted %}
  {% set create = {'name': name, 'query': query, 'refresh_mode': refresh_mode or wanted.refresh_mode} %}
  {% set alter = {'name': name} %}
  {% if wanted.refresh_mode != 'IMMEDIATE' and wanted.target_freshness is none %}
    {% do create.update({'schedule': wanted.schedule or 'calculated'}) %}
  {% endif %}
  {% for key, value in wanted.items() if key in settings.given and key not in ['schedule', 'refresh_mode', 'status']
      and value is not none %}
    {% if key in functions.create_stream_table.arguments %}
      {% do create.update({key: value}) %}
    {% elif key in functions.alter_stream_table.arguments and value != specs[key].default %}
      {% do alter.update({key: value}) %}
    {% endif %}
  {% endfor %}
  {% set calls = [pgtrickle__call('create_stream_table', functions.create_stream_table, create)] %}
  {% if alter | length > 1 %}
    {% do calls.append(pgtrickle__call('alter_stream_table', functions.alter_stream_table, alter)) %}
  {% endif %}
  {% if suspended or wanted.status == 'PAUSED' %}
    {% do calls.append(pgtrickle__call('alter_stream_table', functions.alter_stream_table, {'name': name, 'status': 'SUSPENDED'})) %}
  {% endif %}
  {% do return(calls) %}
{% endmacro %}
