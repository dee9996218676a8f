{#- What to call a relation of this pg_class.relkind. -#}
{% macro pgtrickle__kind(relkind) %}
  {% do return({'r': 'table', 'p': 'partitioned table', 'v': 'view', 'm': 'materialized view', 'f': 'foreign table', 'S': 'sequence',
      'i': 'index', 'c': 'type'}.get(relkind, 'relation')) %}
{% endmacro %}
