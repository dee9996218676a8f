{#- The calls that make a stream table again as the catalog has it: query, mode, settings, whether it was filled or paused.
    stream_table: its catalog row as a dict; functions: from pgtrickle__describe. Gives a list of SQL expressions. -#}
{% macro pgtrickle__recreate_calls(stream_table, functions) %}
  {% do return(pgtrickle__create_calls(
      stream_table.pgt_schema ~ '.' ~ stream_table.pgt_name, stream_table.get('original_query') or stream_table.defining_query,
      pgtrickle__stored_settings(stream_table), functions)) %}
{% endmacro %}
