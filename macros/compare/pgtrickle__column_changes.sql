{#- How the output columns differ: ["+ total numeric", "- old", "v integer → bigint"], or that only their order does.
    before, after: [{name, type}]. Type modifiers are left out: a stream table doesn't keep them. -#}
{% macro pgtrickle__column_changes(before, after) %}
  {% set differences, was, will = [], {}, {} %}
  {% for column in before %}{% do was.update({column.name: column.type}) %}{% endfor %}
  {% for column in after %}{% do will.update({column.name: column.type}) %}{% endfor %}
  {% for name, type in will.items() %}
    {% if name not in was %}{% do differences.append('+ ' ~ name ~ ' ' ~ type) %}
    {% elif was[name] != type %}{% do differences.append(name ~ ' ' ~ was[name] ~ ' → ' ~ type) %}{% endif %}
  {% endfor %}
  {% for name in was if name not in will %}{% do differences.append('- ' ~ name) %}{% endfor %}
  {% if not differences and was | list != will | list %}{% do differences.append('their order') %}{% endif %}
  {% do return(differences) %}
{% endmacro %}
