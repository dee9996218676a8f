{#- Drops what keeps another materialization from making its relation anew: the stream table that stands there, if there
    is one (stream tables on it are dropped by nobody: the drop fails and names them); and, where dbt is about to rename
    it aside, a table that IMMEDIATE stream tables alone read: pg_trickle 0.67.0 refuses that rename (42P01). -#}
{% macro pgtrickle__clear_stream_table(relation, renames) %}
  {%- set existing = load_cached_relation(relation) -%}
  {%- if existing is none or existing.is_view or not adapter.get_relation(relation.database, 'pgtrickle', 'pgt_stream_tables') -%}
    {%- do return('') -%}
  {%- endif -%}
  {%- set found = pgtrickle__query_json("
    select json_build_object(
      'stream_table', (
        select json_build_object('id', s.pgt_id, 'mode', s.refresh_mode, 'name', s.pgt_schema || '.' || s.pgt_name)
        from pgtrickle.pgt_stream_tables s where s.pgt_relid = existing.oid
      ),
      'immediate_only', (
        select bool_and(s.refresh_mode = 'IMMEDIATE')
        from pgtrickle.pgt_dependencies d join pgtrickle.pgt_stream_tables s on s.pgt_id = d.pgt_id
        where d.source_relid = existing.oid
      )
    )::text
    from (select to_regclass(" ~ pgtrickle__literal(relation.include(database=false) | string) ~ ")) as existing (oid)") -%}
  {%- if found.stream_table -%}
    {%- do pgtrickle__lock() -%}
    {%- call statement('pgtrickle_drop') -%}
      {% if found.stream_table.mode == 'IMMEDIATE' %}{{ pgtrickle__forget_dropped_tables('array[' ~ found.stream_table.id ~ ']') }};{% endif %}
      select pgtrickle.drop_stream_table(name => {{ pgtrickle__literal(found.stream_table.name) }})
    {%- endcall -%}
    {%- do log('Dropped the stream table ' ~ found.stream_table.name ~ ', whose model is no stream table any more', info=true) -%}
  {%- endif -%}
  {%- if found.stream_table or (found.immediate_only and renames) -%}
    {%- do adapter.drop_relation(existing) -%}
  {%- endif -%}
{% endmacro %}
