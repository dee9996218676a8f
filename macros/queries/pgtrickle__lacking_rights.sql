{#- What this role lacks before it can build stream tables: {statement: what gives it; is_grave: whether nobody should have it who isn't
    trusted as a superuser}. Only asked for, never tried: 0.67.0 aborts the whole server where a role without rights on its catalog
    creates a stream table.
    schema: SQL, text, where they are built; sources: SQL, JSON: [[schema, name]], what they read; immediate: SQL, whether one is
    IMMEDIATE. -#}
{% macro pgtrickle__lacking_rights(schema, sources="'[]'", immediate='false') -%}
with catalog as (
  select oid from pg_catalog.pg_namespace where nspname = 'pgtrickle'
),
functions as (
  select proname, prosecdef, has_function_privilege(p.oid, 'execute') as may
  from pg_catalog.pg_proc p join catalog on catalog.oid = pronamespace
  where proname in ('create_stream_table', 'alter_stream_table', 'drop_stream_table', 'refresh_stream_table')
),
-- where the functions run as their caller, their caller needs what they touch
callers as (
  select not coalesce(bool_or(prosecdef), false) as need from functions
),
tables as (
  select r.oid,
    relkind in ('r', 'p') and need and (relname in ({{ pgtrickle__written_tables() }}) or {{ pgtrickle__writes_all() }}) as written
  from pg_catalog.pg_class r join catalog on catalog.oid = relnamespace cross join callers
  where relkind in ('r', 'p', 'v')
),
sources as (
  select quote_ident(nspname) || '.' || quote_ident(relname) as name, nspname, n.oid as namespace, r.oid,
    relkind in ('r', 'p') and need as captured
  from jsonb_array_elements({{ sources }}::jsonb) as source
  join pg_catalog.pg_namespace n on nspname = source ->> 0
  join pg_catalog.pg_class r on relnamespace = n.oid and relname = source ->> 1
  cross join callers
),
schemas as (
  select nspname as name, has_schema_privilege(oid, 'usage') and has_schema_privilege(oid, 'create') as may from pg_catalog.pg_namespace
),
lacking as (
  select 1 as place, 'usage on schema pgtrickle' as what from catalog where not has_schema_privilege(oid, 'usage')
  union all
  -- the functions that keep an IMMEDIATE one are in pg_trickle's own schema; the stand-in's are there already
  select 1, 'create on schema pgtrickle' from catalog cross join callers
  where {{ immediate }}::boolean and need and not has_schema_privilege(oid, 'create')
    and exists (select from pg_catalog.pg_extension where extname = 'pg_trickle')
  union all
  select 2, 'select on all tables in schema pgtrickle' where exists (select from tables where not has_table_privilege(oid, 'select'))
  union all
  select 3, {{ pgtrickle__write_grant() }}
  where exists (select from tables where written
    and not (has_table_privilege(oid, 'insert') and has_table_privilege(oid, 'update') and has_table_privilege(oid, 'delete')))
  union all
  select 4, 'usage on all sequences in schema pgtrickle'
  from pg_catalog.pg_class r join catalog on catalog.oid = relnamespace cross join callers
  where relkind = 'S' and need having not bool_and(has_sequence_privilege(r.oid, 'usage'))
  union all
  select 5, 'usage, create on schema ' || quote_ident(name) from schemas cross join callers
  where name = {{ pgtrickle__buffers_schema() }} and need and not may
  union all
  select distinct 6, 'execute on function pgtrickle.' || proname from functions where not may
  union all
  select 7, 'usage, create on schema ' || quote_ident(name) from schemas where name = {{ schema }} and not may
  union all
  select 7, 'create on database ' || quote_ident(current_database())
  where not exists (select from schemas where name = {{ schema }}) and not has_database_privilege(current_database(), 'create')
  union all
  select distinct 8, 'usage on schema ' || quote_ident(nspname) from sources where not has_schema_privilege(namespace, 'usage')
  union all
  select 9, 'select' || case when captured then ', trigger' else '' end || ' on ' || name from sources
  where not (has_table_privilege(oid, 'select') and (not captured or has_table_privilege(oid, 'trigger')))
)
select statement, is_grave
from (
  select place, 'grant ' || what || ' to ' || quote_ident(current_user) as statement, place = 3 as is_grave from lacking
  union all
  select distinct 10, wanted || quote_ident(current_user), false
  from sources cross join lateral unnest({{ pgtrickle__capture_rights('sources.oid') }}) as wanted
  where captured
) as told
order by place, statement
{%- endmacro %}
