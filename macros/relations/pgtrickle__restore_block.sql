{#- PL/pgSQL that makes one dependent again, with its owner, grants, comments and indexes. -#}
{% macro pgtrickle__restore_block(dependent, functions) %}
  {% if dependent.stream_table %}
    {% set name = dependent.stream_table.pgt_schema ~ '.' ~ dependent.stream_table.pgt_name %}
    {% for call in pgtrickle__recreate_calls(dependent.stream_table, functions) %}
    perform {{ call }};
    {% endfor %}
  {% else %}
    {# PostgreSQL wrote it as this session sees its names #}
    perform set_config('search_path', session_path, true);
    {{ dependent.definition }};
    perform set_config('search_path', scheduler_path, true);
  {% endif %}
  {% for statement in dependent.trimmings %}
    {{ statement }};
  {% endfor %}
{% endmacro %}
