{#- The calls that make a stream table again as the catalog has it: query, mode, settings, whether it was filled or paused.
    dependent: from pgtrickle__dependents; functions: from pgtrickle__describe. Gives a list of SQL expressions. -#}
{% macro pgtrickle__recreate_calls(dependent, functions) %}
  {% set stream_table = dependent.stream_table %}
  {% do return(pgtrickle__create_calls(
      dependent.schema ~ '.' ~ dependent.name, stream_table.stored_query, pgtrickle__stored_settings(stream_table), functions)) %}
{% endmacro %}
