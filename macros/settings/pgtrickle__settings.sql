{#- A model's settings: every key of pgtrickle__setting_specs with its checked value, before anything is sent.
    model: a node of the manifest as a dict; slips: a list that takes what isn't allowed (pgtrickle__finding), instead of failing.
    Gives {wanted: {key: value}, given: [keys that the model or the project set], warnings: [pgtrickle__finding]}. -#}
{% macro pgtrickle__settings(model, slips=none) %}
  {% set specs = pgtrickle__setting_specs() %}
  {% set values, given = {}, [] %}
  {% set configs = pgtrickle__configs(model) %}
  {% for key, spec in specs.items() %}
    {% if key in configs %}
      {% do given.append(key) %}
      {% do values.update({key: pgtrickle__value(model.name, key, configs[key], spec, slips)}) %}
    {% else %}
      {% do values.update({key: spec.default}) %}
    {% endif %}
  {% endfor %}
  {# an IMMEDIATE stream table has no schedule: one that is stored on it would make its staleness a lie #}
  {% if values.refresh_mode == 'IMMEDIATE' %}
    {% do values.update({'schedule': none}) %}
  {% endif %}
  {% if values.target_freshness is not none %}
    {% if 'schedule' in given and values.schedule is not none %}
      {% do pgtrickle__fail('PGT003', model.name, "schedule and target_freshness are both set; pg_trickle takes one.",
          "Remove one of them (schedule: null takes a schedule of the project's away).", slips) %}
    {% endif %}
    {% do values.update({'schedule': none}) %}
  {% endif %}
  {% do pgtrickle__check_options(model, slips) %}
  {% do return({'wanted': values, 'given': given, 'warnings': pgtrickle__check_keys(model)}) %}
{% endmacro %}
