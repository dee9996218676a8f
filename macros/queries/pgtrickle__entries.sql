{#- The stream tables of the catalog, each with the table that really is its own, whatever the entry says:
    {pgt_id, relid: the table's, null where there is none; schema_name, table_name: its present name, or the entry's; call_name: the name
    that pg_trickle's functions know it by; place: 'right', 'renamed', 'restored' (the entry points elsewhere than at its table, as after
    pg_dump and restore) or 'gone'}.

    pg_trickle keeps an OID and a name. After a restore the OID is nobody's, or anybody's; after a rename the name is. So a
    table counts only with the hidden column __pgt_row_id, and one other witness: the name; the guard of pg_trickle, called
    after the entry's name; the record of dbt, which holds the entry's number and goes where the table goes.
    condition: SQL on `entry`, a row of pgt_stream_tables. -#}
{% macro pgtrickle__entries(condition='true') -%}
select
  entry.pgt_id,
  own.oid as relid,
  coalesce(own.nspname::text, entry.pgt_schema) as schema_name,
  coalesce(own.relname::text, entry.pgt_name) as table_name,
  entry.pgt_schema || '.' || entry.pgt_name as call_name,
  case
    when own.oid is null then 'gone'
    when own.oid <> entry.pgt_relid then 'restored'
    when own.named then 'right'
    else 'renamed'
  end as place
from pgtrickle.pgt_stream_tables entry
left join lateral (
  select oid, nspname, relname, named, 1 as choice from (
    {{ pgtrickle__candidates('relation.oid = entry.pgt_relid') }}
  ) as by_oid
  where named or guarded or recorded
  union all
  -- by its name alone it is this entry's only where no other entry has it by its OID
  select oid, nspname, relname, named, 2 from (
    {{ pgtrickle__candidates('nspname = entry.pgt_schema and relname = entry.pgt_name::name') }}
  ) as by_name
  where oid <> entry.pgt_relid and (guarded or recorded) and not exists (
    select from pgtrickle.pgt_stream_tables as other
    cross join lateral (
      {{ pgtrickle__candidates('relation.oid = other.pgt_relid', 'other') }}
    ) as others
    where other.pgt_relid = by_name.oid and other.pgt_id <> entry.pgt_id and (named or guarded or recorded)
  )
  order by choice
  limit 1
) as own on true
where {{ condition }}
{%- endmacro %}

{#- The tables with a hidden column that may be an entry's, and what speaks for each. entry: the alias of a row of pgt_stream_tables. -#}
{% macro pgtrickle__candidates(condition, entry='entry') -%}
select
  relation.oid, nspname, relname,
  nspname = {{ entry }}.pgt_schema and relname = {{ entry }}.pgt_name::name as named,
  exists (
    select from pg_catalog.pg_trigger
    join pg_catalog.pg_proc guard on guard.oid = tgfoid
    where tgrelid = relation.oid and tgname = 'pgt_dml_guard' and guard.proname = ('_pgt_guard_' || {{ entry }}.pgt_name)::name
  ) as guarded,
  coalesce(
    case when description is json object then (description::jsonb ->> 'pgt_id')::bigint = {{ entry }}.pgt_id end, false
  ) as recorded
from pg_catalog.pg_class relation
join pg_catalog.pg_namespace namespace on namespace.oid = relation.relnamespace
join pg_catalog.pg_attribute on attrelid = relation.oid and attname = '__pgt_row_id' and not attisdropped
left join pg_catalog.pg_description on classoid = 'pg_catalog.pg_class'::regclass and objoid = attrelid and objsubid = attnum
where {{ condition }} and relkind in ('r', 'p', 'f')
{%- endmacro %}
