{#- The stream tables that dbt remembers, and whose views mean something else than when they were tried: they may have been written out
    (pgtrickle__spellings), so that nothing but this tells; and those whose sources have other partitions than they had.
    [{schema, name, stream_table: the catalog row, record}] -#}
{% macro pgtrickle__outdated() %}
  {% do return(pgtrickle__query_json("
    with recorded as (
      " ~ pgtrickle__records() ~ "
    )
    select coalesce(json_agg(json_build_object('schema', n.nspname, 'name', c.relname, 'stream_table', to_json(s), 'record', record)
      order by s.pgt_id), '[]')::text
    from recorded
    join pgtrickle.pgt_stream_tables s using (pgt_id)
    join (" ~ pgtrickle__entries() ~ ") as placed on placed.pgt_id = s.pgt_id and placed.relid = s.pgt_relid
    join pg_class c on c.oid = placed.relid
    join pg_namespace n on n.oid = c.relnamespace
    where record ->> 'partitions' is distinct from " ~ pgtrickle__partitions('s.pgt_id') ~ "
      or record ->> 'views' is not null and record ->> 'views' <> "
      ~ pgtrickle__view_fingerprint("select schema, name from jsonb_to_recordset(record -> 'parents') as parent (schema text,
        name text)"))) %}
{% endmacro %}
