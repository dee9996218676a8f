{#- Warnings (PGT004) of config keys of which each is one slip of the pen away from a setting of ours.
    Other unknown keys are the user's own business. -#}
{% macro pgtrickle__check_keys(model) %}
  {% set ours = (pgtrickle__setting_specs() | list) + (pgtrickle__options() | list) + ['stream_table_name', 'stream_table_schema'] %}
  {# dbt's own keys that look like one of ours #}
  {% set theirs = ['schema', 'database', 'tags', 'docs', 'meta', 'group', 'alias', 'enabled', 'access', 'begin', 'events', 'packages',
      'full_refresh', 'unlogged', 'time_spine', 'freshness', 'indexes', 'statistics'] %}
  {% set given = (model.config | list) + ((model.config.get('meta') or {}) | list) %}
  {% set warnings = [] %}
  {% for key in given if key not in ours and key not in theirs and key is string %}
    {% set plain = key | lower | replace('-', '_') %}
    {% for candidate in ours if plain == candidate or plain | replace('_', '') == candidate | replace('_', '')
        or pgtrickle__one_slip(plain, candidate) %}
      {% do warnings.append(pgtrickle__finding('PGT004', "the config key '" ~ key ~ "' is unknown and does nothing.",
          "Did you mean '" ~ candidate ~ "'?")) %}
    {% endfor %}
  {% endfor %}
  {% do return(warnings) %}
{% endmacro %}
