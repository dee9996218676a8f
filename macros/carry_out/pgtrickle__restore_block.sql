{#- PL/pgSQL that makes one dependent again, with its owner, grants, comments and indexes. -#}
{% macro pgtrickle__restore_block(dependent, functions) %}
  {% if dependent.stream_table %}
    {{ pgtrickle__for_owner(dependent, pgtrickle__recreate_calls(dependent, functions)) }}
    {% set quoted = pgtrickle__literal(adapter.quote(dependent.schema) ~ '.' ~ adapter.quote(dependent.name)) %}
    {{ pgtrickle__unique_rows(quoted) }}
    {{ pgtrickle__equal_rows(quoted) }}
  {% else %}
    {{ dependent.definition }};
  {% endif %}
  {% for statement in dependent.trimmings %}
    {{ statement }};
  {% endfor %}
{% endmacro %}
