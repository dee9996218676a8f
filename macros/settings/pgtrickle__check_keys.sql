{#- Warnings (PGT004) of config keys of which each is one slip of the pen away from a setting of ours.
    Other unknown keys are the user's own business. -#}
{% macro pgtrickle__check_keys(model) %}
  {# dbt itself gives every model some twenty keys: each is compared once a run, not once a model #}
  {% set known = {} if pgtrickle__is_v2() else graph.setdefault('pgtrickle_config_keys', {}) %}
  {% set warnings = [] %}
  {% for key in (model.config | list) + ((model.config.get('meta') or {}) | list) if key is string %}
    {% if key not in known %}{% do known.update({key: pgtrickle__meant_by(key)}) %}{% endif %}
    {% for candidate in known[key] %}
      {% do warnings.append(pgtrickle__finding('PGT004', "the config key '" ~ key ~ "' is unknown and does nothing.",
          "Did you mean '" ~ candidate ~ "'?")) %}
    {% endfor %}
  {% endfor %}
  {% do return(warnings) %}
{% endmacro %}

{#- The settings of ours that a config key is one slip away from; none of a key that is ours or dbt's. -#}
{% macro pgtrickle__meant_by(key) %}
  {% set ours = (pgtrickle__setting_specs() | list) + (pgtrickle__options() | list) + ['stream_table_name', 'stream_table_schema'] %}
  {# dbt's own keys that look like one of ours #}
  {% set theirs = ['schema', 'database', 'tags', 'docs', 'meta', 'group', 'alias', 'enabled', 'access', 'begin', 'events', 'packages',
      'full_refresh', 'unlogged', 'time_spine', 'freshness', 'indexes', 'statistics'] %}
  {% set meant = [] %}
  {% if key not in ours and key not in theirs %}
    {% set plain = key | lower | replace('-', '_') %}
    {% for candidate in ours if plain == candidate or plain | replace('_', '') == candidate | replace('_', '')
        or pgtrickle__one_slip(plain, candidate) %}
      {% do meant.append(candidate) %}
    {% endfor %}
  {% endif %}
  {% do return(meant) %}
{% endmacro %}
