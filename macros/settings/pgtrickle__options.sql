{#- What a model may say about how dbt treats its stream table, in the form of pgtrickle__setting_specs. -#}
{% macro pgtrickle__options() %}
  {% do return({
    'on_configuration_change': {'kind': 'enum', 'allowed': ['apply', 'continue', 'fail'], 'default': 'apply'},
    'on_dependents': {'kind': 'enum', 'allowed': ['warn', 'fail'], 'default': 'warn'},
    'on_replace': {'kind': 'enum', 'allowed': ['allow', 'warn', 'fail'], 'default': 'allow'},
    'on_unsafe': {'kind': 'enum', 'allowed': ['full', 'warn', 'fail'], 'default': 'full'},
    'trial': {'kind': 'enum', 'allowed': ['on', 'off'], 'default': 'on'},
    'trial_seconds': {'kind': 'float', 'allowed': [0.1, 600], 'default': 3},
    'trial_rows': {'kind': 'int', 'allowed': [1, 1000], 'default': 30},
  }) %}
{% endmacro %}
