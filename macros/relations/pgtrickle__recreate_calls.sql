{#- The calls that make a stream table again as the catalog has it: query, mode, settings, whether it was filled or paused.
    stream_table: its catalog row as a dict; functions: from pgtrickle__describe. Gives a list of SQL expressions. -#}
{% macro pgtrickle__recreate_calls(stream_table, functions) %}
  {% set wanted, given = {}, ['initialize', 'refresh_mode'] %}
  {% for key, spec in pgtrickle__setting_specs().items() if spec.column and stream_table.get(spec.column) is not none and key != 'status' %}
    {% if stream_table[spec.column] != spec.default and not (key == 'storage_backend' and stream_table[spec.column] == 'heap') %}
      {% do wanted.update({key: stream_table[spec.column]}) %}
      {% do given.append(key) %}
    {% endif %}
  {% endfor %}
  {% do wanted.update({
    'refresh_mode': stream_table.refresh_mode, 'schedule': stream_table.schedule, 'target_freshness': none,
    'initialize': stream_table.is_populated, 'status': 'PAUSED' if stream_table.status == 'SUSPENDED' else none}) %}
  {% do return(pgtrickle__create_calls(
      stream_table.pgt_schema ~ '.' ~ stream_table.pgt_name, stream_table.get('original_query') or stream_table.defining_query,
      {'wanted': wanted, 'given': given}, functions)) %}
{% endmacro %}
