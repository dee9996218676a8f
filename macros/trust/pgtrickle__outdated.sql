{#- The stream tables that dbt remembers, and whose views mean something else than when they were tried: they may have been written out
    (pgtrickle__spellings), so that nothing but this tells. [{schema, name, stream_table: the catalog row, record}] -#}
{% macro pgtrickle__outdated() %}
  {% do return(pgtrickle__query_json("
    with recursive recorded as (
      select s.pgt_id, n.nspname, c.relname, to_json(s) as stream_table, col_description(c.oid, a.attnum)::jsonb as record
      from pgtrickle.pgt_stream_tables s
      join pg_class c on c.oid = s.pgt_relid
      join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attname = '__pgt_row_id'
      where pg_input_is_valid(col_description(c.oid, a.attnum), 'jsonb')
    ),
    reads (pgt_id, oid, is_view, depth) as (
      select recorded.pgt_id, c.oid, c.relkind = 'v', 0
      from recorded
      cross join lateral jsonb_to_recordset(record -> 'parents') as parent (schema text, name text)
      join pg_namespace n on n.nspname = parent.schema
      join pg_class c on c.relnamespace = n.oid and c.relname = parent.name
      where record ->> 'views' is not null
      " ~ pgtrickle__reads_further('pgt_id') ~ "
    ),
    views as (
      select recorded.pgt_id, " ~ pgtrickle__view_fingerprint('reads.pgt_id = recorded.pgt_id') ~ " as now from recorded where record ->> 'views' is not null
    )
    select coalesce(json_agg(json_build_object('schema', nspname, 'name', relname, 'stream_table', stream_table, 'record', record) order by recorded.pgt_id), '[]')::text
    from recorded join views using (pgt_id)
    where views.now is not null and views.now <> record ->> 'views'")) %}
{% endmacro %}
