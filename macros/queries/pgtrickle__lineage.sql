{#- What reads what: the stream tables of pgtrickle__covered, all that they read down to the tables, and the views on them.
    One row a relation, with the OIDs of those that it reads itself.

    A stream table's dependencies name a view and the tables below it alike: those that a view of its stands for are left
    to the view. -#}
{% macro pgtrickle__lineage(managed='null', everything='false') -%}
with recursive
stream_tables as (
  select pgt_id, relid from (
    {{ pgtrickle__entries() }}
  ) as placed
  where place in ('right', 'renamed')
),
view_edges as (
  select distinct dependency.refobjid as source, rule.ev_class as reader
  from pg_catalog.pg_rewrite rule
  join pg_catalog.pg_depend dependency
    on dependency.classid = 'pg_catalog.pg_rewrite'::regclass and dependency.objid = rule.oid
    and dependency.refclassid = 'pg_catalog.pg_class'::regclass and dependency.refobjid <> rule.ev_class
  join pg_catalog.pg_class view on view.oid = rule.ev_class and view.relkind in ('v', 'm')
  join pg_catalog.pg_namespace namespace on namespace.oid = view.relnamespace
  where namespace.nspname not in ('pg_catalog', 'information_schema', 'pgtrickle', {{ pgtrickle__buffers_schema() }})
),
beneath as (
  select reader as view, source as relid from view_edges
  union
  select beneath.view, view_edges.source from beneath join view_edges on view_edges.reader = beneath.relid
),
table_edges as (
  select dependency.source_relid as source, reader.relid as reader
  from pgtrickle.pgt_dependencies dependency
  join stream_tables reader using (pgt_id)
),
edges as (
  select * from view_edges
  union
  select * from table_edges direct
  where not exists (
    select from table_edges through
    join beneath on beneath.view = through.source
    where through.reader = direct.reader and beneath.relid = direct.source
  )
),
upward as (
  select relid from stream_tables where pgt_id in (
    {{ pgtrickle__covered(managed, everything) }}
  )
  union
  select edges.source from upward join edges on edges.reader = upward.relid
),
downward as (
  select relid from stream_tables join upward using (relid)
  union
  select view_edges.reader from downward join view_edges on view_edges.source = downward.relid
),
shown as (
  select relid from upward union select relid from downward
)
select
  shown.relid::bigint as relid,
  coalesce(namespace.nspname || '.' || relation.relname, 'OID ' || shown.relid) as subject,
  case
    when relation.oid is null then 'gone'
    when shown.relid in (select relid from stream_tables) then 'stream table'
    when relation.relkind = 'v' then 'view'
    when relation.relkind = 'm' then 'materialized view'
    when relation.relkind = 'f' then 'foreign table'
    else 'table'
  end as kind,
  array(
    select edges.source::bigint from edges join shown as read on read.relid = edges.source
    where edges.reader = shown.relid order by 1
  ) as reads
from shown
left join pg_catalog.pg_class relation on relation.oid = shown.relid
left join pg_catalog.pg_namespace namespace on namespace.oid = relation.relnamespace
order by subject
{%- endmacro %}
