{#- An index as text that is equal for equal indexes. -#}
{% macro pgtrickle__index_key(columns, unique, type) %}
  {% set plain = [] %}
  {% for column in columns %}{% do plain.append(column.replace('"', '')) %}{% endfor %}
  {% do return((type or 'btree') | lower ~ (' unique ' if unique else ' ') ~ plain | join(',')) %}
{% endmacro %}
