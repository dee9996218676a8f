{#- Why the catalog can't be read, as (cause, remedy); no rows: it can. Touches nothing in schema pgtrickle,
    so that it answers for a role without any right there. -#}
{% macro pgtrickle__access() -%}
with extension as (
  select e.extname, n.oid as namespace
  from pg_catalog.pg_extension e
  join pg_catalog.pg_namespace n on n.nspname = 'pgtrickle'
  where e.extname in ('pg_trickle', 'pg_trickle_lite')
),
needed as (
  select c.oid, c.relname
  from pg_catalog.pg_class c
  join extension x on x.namespace = c.relnamespace
  where c.relname in ('pgt_stream_tables', 'pgt_dependencies', 'pgt_refresh_history')
)
select
  'pg_trickle is not installed in database ' || current_database() as cause,
  coalesce(
    (
      select 'Create it as a superuser: create extension ' || name from pg_catalog.pg_available_extensions
      where name in ('pg_trickle', 'pg_trickle_lite') order by name limit 1
    ),
    'Install it on the server, or use another one: invoke up'
  ) as remedy
where not exists (select 1 from extension)
union all
select
  'role ' || current_user || ' may not look into schema pgtrickle',
  'As its owner: grant usage on schema pgtrickle to ' || quote_ident(current_user)
    || '; grant select on all tables in schema pgtrickle to ' || quote_ident(current_user)
from extension
where not has_schema_privilege(namespace, 'usage')
union all
select
  'role ' || current_user || ' may not read pgtrickle.' || relname,
  'As its owner: grant select on all tables in schema pgtrickle to ' || quote_ident(current_user)
from needed
where not has_table_privilege(oid, 'select')
union all
select
  'the catalog of pg_trickle has no table ' || name,
  'This version of the extension is not known here; the checks can''t be trusted with it'
from extension, unnest(array['pgt_stream_tables', 'pgt_dependencies', 'pgt_refresh_history']) as name
where not exists (select 1 from needed where relname = name)
limit 1
{%- endmacro %}
