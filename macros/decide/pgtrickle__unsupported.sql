{#- The settings that the model gives but the installed pg_trickle has no argument for. -#}
{% macro pgtrickle__unsupported(settings, functions) %}
  {% set keys = [] %}
  {% for key in settings.given if settings.wanted[key] is not none and settings.wanted[key] != pgtrickle__setting_specs()[key].default %}
    {% if key not in functions.create_stream_table.arguments and key not in functions.alter_stream_table.arguments %}
      {% do keys.append(key) %}
    {% endif %}
  {% endfor %}
  {% do return(keys) %}
{% endmacro %}
