{#- A dict without the keys that are none: what the caller of an upstream macro really said. -#}
{% macro pgtrickle__given(arguments) %}
  {% set given = {} %}
  {% for key, value in arguments.items() if value is not none %}{% do given.update({key: value}) %}{% endfor %}
  {% do return(given) %}
{% endmacro %}
