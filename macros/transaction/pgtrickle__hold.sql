{#- PL/pgSQL that waits until no refresh of these stream tables runs, and keeps others from beginning to the end of the
    transaction: a refresh holds its catalog row first and its table after, so whoever drops or alters it takes the row
    first too, or they deadlock (observed on 0.67.0). A role that may not lock the rows goes without.
    stream_tables: catalog rows as dicts. -#}
{% macro pgtrickle__hold(stream_tables) %}
  {% set ids = stream_tables | map(attribute='pgt_id') | list %}
  {% if ids %}
  if has_table_privilege('pgtrickle.pgt_stream_tables', 'update') then
    perform from pgtrickle.pgt_stream_tables where pgt_id in ({{ ids | join(', ') }}) order by pgt_id for update;
  end if;
  {% endif %}
{% endmacro %}
