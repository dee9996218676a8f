{#- Changed settings as one line: "schedule 1m → 5m, tier hot → warm". -#}
{% macro pgtrickle__changes_text(changes) %}
  {% set parts = [] %}
  {% for change in changes %}
    {% do parts.append(change.key ~ ' ' ~ (change['from'] if change['from'] is not none else 'unset') ~ ' → ' ~ (change['to']
        if change['to'] is not none else 'unset')) %}
  {% endfor %}
  {% do return(parts | join(', ')) %}
{% endmacro %}
