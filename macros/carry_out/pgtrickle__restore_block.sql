{#- PL/pgSQL that makes one dependent again, with its owner, grants, comments and indexes. -#}
{% macro pgtrickle__restore_block(dependent, functions) %}
  {% if dependent.stream_table %}
    {{ pgtrickle__for_owner(dependent, pgtrickle__recreate_calls(dependent, functions)) }}
    {{ pgtrickle__unique_rows(pgtrickle__literal(adapter.quote(dependent.schema) ~ '.' ~ adapter.quote(dependent.name))) }}
  {% else %}
    {{ dependent.definition }};
  {% endif %}
  {% for statement in dependent.trimmings %}
    {{ statement }};
  {% endfor %}
{% endmacro %}
