{#- What a model may say about how dbt treats its stream table: option, allowed values, default. -#}
{% macro pgtrickle__options() %}
  {% do return({
    'on_configuration_change': ['apply', 'continue', 'fail'],
    'on_dependents': ['warn', 'fail'],
    'on_replace': ['allow', 'warn', 'fail'],
  }) %}
{% endmacro %}
