{#- The relations that stream tables' queries read, views unfolded, deepest first: what a scratch copy needs.

    call_name: the stream table. A view comes with its definition; a stream table counts as a table. -#}
{% macro pgtrickle__soak_sources(call_name) -%}
with recursive direct as (
  select dependency.source_relid as relid
  from pgtrickle.pgt_dependencies dependency
  join pgtrickle.pgt_stream_tables reader using (pgt_id)
  where reader.pgt_schema || '.' || reader.pgt_name = {{ call_name }}
),
reached as (
  select relid, 0 as depth from direct
  union
  select dependency.refobjid, reached.depth + 1
  from reached
  join pg_catalog.pg_class relation on relation.oid = reached.relid and relation.relkind = 'v'
  join pg_catalog.pg_rewrite rule on rule.ev_class = relation.oid
  join pg_catalog.pg_depend dependency
    on dependency.classid = 'pg_catalog.pg_rewrite'::regclass and dependency.objid = rule.oid
    and dependency.refclassid = 'pg_catalog.pg_class'::regclass and dependency.refobjid <> relation.oid
  where reached.depth < 50
)
select
  relation.oid::bigint as relid,
  namespace.nspname::text as schema_name,
  relation.relname::text as table_name,
  relation.relkind = 'v' as is_view,
  case when relation.relkind = 'v' then rtrim(pg_get_viewdef(relation.oid), ';') end as definition,
  max(reached.depth) as depth,
  array(
    select jsonb_build_object(
      'name', attname, 'type', format_type(atttypid, atttypmod), 'nullable', not attnotnull,
      'key', exists (select from pg_catalog.pg_index where indrelid = relation.oid and indisprimary and attnum = any (indkey))
    )
    from pg_catalog.pg_attribute
    where attrelid = relation.oid and attnum > 0 and not attisdropped and attgenerated = '' and not starts_with(attname, '__pgt_')
    order by attnum
  ) as columns,
  exists (select from pgtrickle.pgt_stream_tables where pgt_relid = relation.oid) as is_stream_table
from reached
join pg_catalog.pg_class relation on relation.oid = reached.relid and relation.relkind in ('r', 'p', 'v', 'm', 'f')
join pg_catalog.pg_namespace namespace on namespace.oid = relation.relnamespace
where namespace.nspname not in ('pg_catalog', 'information_schema')
group by relation.oid, relation.relkind, relation.relname, namespace.nspname
order by depth desc, schema_name, table_name
{%- endmacro %}
