{#- The call that changes settings in place, if any changed: a list of no or one SQL expression.
    An IMMEDIATE stream table that gets a schedule again gets it in the same call. -#}
{% macro pgtrickle__alter_calls(name, changes, functions) %}
  {% set arguments = {'name': name} %}
  {% for change in changes if change.change == 'alter' %}
    {% do arguments.update({change.key: change.value}) %}
  {% endfor %}
  {% do return([pgtrickle__call('alter_stream_table', functions.alter_stream_table, arguments)] if arguments | length > 1 else []) %}
{% endmacro %}
