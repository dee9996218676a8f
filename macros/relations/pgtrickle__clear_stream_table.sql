{#- Drops what keeps another materialization from making its relation anew: the stream table that stands there, if there
    is one, after the stream tables on it, which this run has to build again; and, where dbt is about to rename
    it aside, a table that IMMEDIATE stream tables alone read: pg_trickle 0.67.0 refuses that rename (42P01). -#}
{% macro pgtrickle__clear_stream_table(relation, renames) %}
  {%- do pgtrickle__take_turn(relation) -%}
  {%- set existing = load_cached_relation(relation) -%}
  {%- if existing is none or not adapter.get_relation(relation.database, 'pgtrickle', 'pgt_stream_tables') -%}
    {%- do return('') -%}
  {%- elif existing.is_view -%}
    {#- so that it doesn't go with what it reads while a table takes its place -#}
    {%- do pgtrickle__lock() -%}
    {%- do return('') -%}
  {%- endif -%}
  {%- set found = pgtrickle__in_the_way(relation) -%}
  {%- if found.stream_table -%}
    {%- do pgtrickle__lock() -%}
    {%- set found = pgtrickle__in_the_way(relation) -%}
  {%- endif -%}
  {#- another model took it along, which dbt's cache doesn't know -#}
  {%- if not found.there -%}{%- do adapter.drop_relation(existing) -%}{%- endif -%}
  {%- if found.stream_table -%}
    {%- set readers = pgtrickle__dependents(found.stream_table.oid) | selectattr('stream_table') | list -%}
    {%- set left_out = readers | rejectattr('managed', 'in', selected_resources) | map(attribute='name') | list -%}
    {%- if left_out -%}
      {%- do pgtrickle__fail('PGT027', model.name, 'it is no stream table any more, and stream tables read it that this run does not build again: ' ~ left_out | join(', ') ~ '.',
          'Build them with it: dbt run --select ' ~ model.name ~ '+; drop the ones that have no model.') -%}
    {%- endif -%}
    {%- for stream_table in (readers | reverse | map(attribute='stream_table') | list) + [found.stream_table] -%}
      {%- set name = stream_table.pgt_schema ~ '.' ~ stream_table.pgt_name -%}
      {%- call statement('pgtrickle_drop') -%}
        {% if stream_table.refresh_mode == 'IMMEDIATE' %}{{ pgtrickle__forget_dropped_tables('array[' ~ stream_table.pgt_id ~ ']') }};{% endif %}
        select pgtrickle.drop_stream_table(name => {{ pgtrickle__literal(name) }})
      {%- endcall -%}
      {%- do log('Dropped the stream table ' ~ name ~ (', whose model is no stream table any more' if loop.last else ', which this run builds again'), info=true) -%}
    {%- endfor -%}
  {%- endif -%}
  {%- if found.stream_table or (found.immediate_only and renames) -%}
    {%- do adapter.drop_relation(existing) -%}
  {%- endif -%}
{% endmacro %}

{#- What stands there and is in the way: {there, stream_table, immediate_only}. -#}
{% macro pgtrickle__in_the_way(relation) %}
  {% do return(pgtrickle__query_json("
    select json_build_object(
      'there', existing.oid is not null,
      'stream_table', (
        select json_build_object('oid', s.pgt_relid::bigint, 'pgt_id', s.pgt_id, 'refresh_mode', s.refresh_mode,
          'pgt_schema', s.pgt_schema, 'pgt_name', s.pgt_name)
        from pgtrickle.pgt_stream_tables s where s.pgt_relid = existing.oid
      ),
      'immediate_only', (
        select bool_and(s.refresh_mode = 'IMMEDIATE')
        from pgtrickle.pgt_dependencies d join pgtrickle.pgt_stream_tables s on s.pgt_id = d.pgt_id
        where d.source_relid = existing.oid
      )
    )::text
    from (select to_regclass(" ~ pgtrickle__literal(relation.include(database=false) | string) ~ ")) as existing (oid)")) %}
{% endmacro %}
