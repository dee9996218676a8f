{#- What a model says of the settings that the server changes by itself, to remember beside the stream table: only against that
    can be told whether the model changed. settings: from pgtrickle__settings. -#}
{% macro pgtrickle__said(settings) %}
  {% set said = {} %}
  {% for key, spec in pgtrickle__setting_specs().items() if spec.get('server_sets') %}
    {% do said.update({key: settings.wanted[key]}) %}
  {% endfor %}
  {% do return(said) %}
{% endmacro %}
