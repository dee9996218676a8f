{#- How a stream table differs from its query, as rows of a test: those missing, those too many.

    table, refresh: as in pgtrickle__compare_now. -#}
{% macro pgtrickle__differences(table, refresh) %}
  {%- set found = pgtrickle__compare_now(table, refresh) -%}
  {%- set rows = [] -%}
  {%- for side in ['missing', 'extra'] if found[side ~ '_rows'] -%}
    {%- set count = found[side ~ '_rows'] -%}
    {%- do rows.append({
      'stream_table': table.subject, 'verdict': 'error', 'reason': side, 'count': count, 'example': found[side][0],
      'cause': count ~ (' row ' if count == 1 else ' rows ') ~ side ~ ', such as ' ~ tojson(found[side][0]),
      'remedy': 'Rebuild it: invoke verify ' ~ (table.model or table.subject) ~ ' --repair'
    }) -%}
  {%- endfor -%}
  {% do return(rows) %}
{% endmacro %}
