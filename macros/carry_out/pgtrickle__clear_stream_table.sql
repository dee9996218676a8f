{#- Drops what keeps another materialization from making its relation anew: the stream table that stands there, if there
    is one, after the stream tables on it, which this run has to build again; and, where dbt is about to rename
    it aside, a table that IMMEDIATE stream tables alone read: pg_trickle 0.67.0 refuses that rename (42P01).
    dbt v2 has no transaction in which it all comes back when its model fails: there pgtrickle__swap drops them, once the new relation is
    made. Gives whether it does. -#}
{% macro pgtrickle__clear_stream_table(relation, renames) %}
  {%- do pgtrickle__take_turn(relation) -%}
  {%- set existing = load_cached_relation(relation) -%}
  {%- if not pgtrickle__has_catalog() or existing is none -%}
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
      {%- do pgtrickle__fail('PGT027', model.name,
          'it is no stream table any more, and stream tables read it that this run does not build again: ' ~ left_out | join(', ') ~ '.',
          'Build them with it: dbt run --select ' ~ model.name ~ '+; drop the ones that have no model.') -%}
    {%- endif -%}
    {%- if pgtrickle__is_v2() -%}{%- do return(true) -%}{%- endif -%}
    {%- for stream_table in pgtrickle__going(found.stream_table, readers) -%}
      {%- call statement('pgtrickle_drop') -%}{{ pgtrickle__drop_statement(stream_table.pgt_id) }}{%- endcall -%}
    {%- endfor -%}
  {%- endif -%}
  {%- if (found.stream_table or (found.immediate_only and renames)) and not pgtrickle__is_v2() -%}
    {%- do adapter.drop_relation(existing) -%}
  {%- endif -%}
{% endmacro %}

{#- The stream tables to drop where one is in the way, its readers first, as [{pgt_id}]; names them in the log. -#}
{% macro pgtrickle__going(stream_table, readers) %}
  {%- set going = [] -%}
  {%- for reader in readers | reverse -%}
    {%- do going.append({'pgt_id': reader.stream_table.pgt_id}) -%}
    {%- do log('Dropped the stream table ' ~ reader.schema ~ '.' ~ reader.name ~ ', which this run builds again', info=true) -%}
  {%- endfor -%}
  {%- do log('Dropped the stream table ' ~ stream_table.name ~ ', whose model is no stream table any more', info=true) -%}
  {%- do return(going + [stream_table]) -%}
{% endmacro %}

{#- What stands there and is in the way: {there, stream_table, immediate_only}. -#}
{% macro pgtrickle__in_the_way(relation) %}
  {% do return(pgtrickle__query_json("
    select json_build_object(
      'there', existing.oid is not null,
      'stream_table', (
        select json_build_object('oid', relid::bigint, 'pgt_id', pgt_id, 'name', schema_name || '.' || table_name)
        from (" ~ pgtrickle__entries() ~ ") as placed where relid = existing.oid
      ),
      'immediate_only', (
        select bool_and(s.refresh_mode = 'IMMEDIATE')
        from pgtrickle.pgt_dependencies d join pgtrickle.pgt_stream_tables s on s.pgt_id = d.pgt_id
        where d.source_relid = existing.oid
      )
    )::text
    from (select to_regclass(" ~ pgtrickle__literal(relation.include(database=false) | string) ~ ")) as existing (oid)")) %}
{% endmacro %}
