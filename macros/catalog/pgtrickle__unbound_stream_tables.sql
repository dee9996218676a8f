{#- The stream tables that are bound to a relation that no longer exists, upstream ones first:
    [{schema, name, stream_table: the catalog row}]. -#}
{% macro pgtrickle__unbound_stream_tables() %}
  {% do return(pgtrickle__query_json("
    with recursive unbound as (
      select distinct s.pgt_id, s.pgt_relid
      from (" ~ pgtrickle__entries() ~ ") as placed
      join pgtrickle.pgt_stream_tables s on s.pgt_id = placed.pgt_id and placed.relid = s.pgt_relid
      join pgtrickle.pgt_dependencies d on d.pgt_id = s.pgt_id
      where not exists (select from pg_class where oid = d.source_relid) or (" ~ pgtrickle__is_uncaptured() ~ ")
    ),
    level (pgt_id, pgt_relid, depth) as (
      select pgt_id, pgt_relid, 0 from unbound
      union
      select u.pgt_id, u.pgt_relid, level.depth + 1
      from level join pgtrickle.pgt_dependencies d on d.source_relid = level.pgt_relid join unbound u on u.pgt_id = d.pgt_id
      where level.depth < 100
    )
    select coalesce(json_agg(json_build_object('schema', n.nspname, 'name', c.relname, 'stream_table', " ~ pgtrickle__entry_row('s') ~ ")
      order by l.depth, s.pgt_id), '[]')::text
    from (select pgt_id, max(depth) as depth from level group by pgt_id) l
    join pgtrickle.pgt_stream_tables s on s.pgt_id = l.pgt_id
    join pg_class c on c.oid = s.pgt_relid
    join pg_namespace n on n.oid = c.relnamespace")) %}
{% endmacro %}
