"""Which rights the role that runs dbt lacks, as the GRANTs that give them.

Only asked for, never tried: pg_trickle 0.67.0 aborts the whole server when a role without rights
on its catalog creates a stream table.
"""

from __future__ import annotations

from collections.abc import Sequence

from tasklib.catalog.database import Connection
from tasklib.catalog.queries import render

# Where the functions run as their caller, their caller needs what they touch.
_LACKING = """
with catalog as (
  select oid from pg_namespace where nspname = 'pgtrickle'
),
functions as (
  select p.proname, p.prosecdef, has_function_privilege(p.oid, 'execute') as may
    from pg_proc p join catalog c on c.oid = p.pronamespace
   where p.proname in ('create_stream_table', 'alter_stream_table', 'drop_stream_table',
                       'refresh_stream_table')
),
rights as (
  select not coalesce(bool_or(prosecdef), false) as own from functions
),
tables as (
  select r.oid, r.relkind in ('r', 'p') and own and (
           r.relname in (/* written tables */)
           or exists (select from pg_extension
                       where extname = 'pg_trickle' and extversion !~ '^0[.]67[.]')) as written
    from pg_class r join catalog c on c.oid = r.relnamespace, rights
   where r.relkind in ('r', 'p', 'v')
),
sources as (
  select format('%%I.%%I', n.nspname, r.relname) as name, n.nspname, n.oid as namespace, r.oid,
         r.relkind in ('r', 'p') and own as captured
    from unnest(%(schemas)s::text[], %(tables)s::text[]) as s(schema, relation)
    join pg_namespace n on n.nspname = s.schema
    join pg_class r on r.relnamespace = n.oid and r.relname = s.relation, rights
),
lacking as (
  select 1 as place, 'grant usage on schema pgtrickle to ' as granted
    from catalog where not has_schema_privilege(oid, 'usage')
  union all
  select 1, 'grant create on schema pgtrickle to '
    from catalog, rights
   where %(immediate)s and own and not has_schema_privilege(oid, 'create')
     and exists (select from pg_extension where extname = 'pg_trickle')
  union all
  select 2, 'grant select on all tables in schema pgtrickle to '
   where exists (select from tables where not has_table_privilege(oid, 'select'))
  union all
  select 2, 'grant ' || /* write grant */ || ' to '
   where exists (select from tables where written and not (
     has_table_privilege(oid, 'insert') and has_table_privilege(oid, 'update')
     and has_table_privilege(oid, 'delete')))
  union all
  select 3, 'grant usage on all sequences in schema pgtrickle to '
    from pg_class r join catalog c on c.oid = r.relnamespace, rights
   where r.relkind = 'S' and own
  having not bool_and(has_sequence_privilege(r.oid, 'usage'))
  union all
  select 4, format('grant usage, create on schema %%I to ', nspname)
    from pg_namespace, rights
   where nspname = /* buffers schema */ and own
     and not (has_schema_privilege(oid, 'usage') and has_schema_privilege(oid, 'create'))
  union all
  select distinct 5, format('grant execute on function pgtrickle.%%I to ', proname)
    from functions where not may
  union all
  select 6, format('grant usage, create on schema %%I to ', nspname)
    from pg_namespace
   where nspname = %(schema)s
     and not (has_schema_privilege(oid, 'usage') and has_schema_privilege(oid, 'create'))
  union all
  select 6, format('grant create on database %%I to ', current_database())
   where to_regnamespace(quote_ident(%(schema)s)) is null
     and not has_database_privilege(current_database(), 'create')
  union all
  select distinct 7, format('grant usage on schema %%I to ', nspname)
    from sources where not has_schema_privilege(namespace, 'usage')
  union all
  select 8, format('grant select%%s on %%s to ', case when captured then ', trigger' end, name)
    from sources
   where not (has_table_privilege(oid, 'select')
              and (not captured or has_table_privilege(oid, 'trigger')))
  union all
  select distinct 9, wanted
    from sources cross join lateral unnest(/* capture rights */) as wanted
   where captured
)
select granted || quote_ident(current_user) || ';' as statement from lacking order by place, granted
"""


def lacking(
    connection: Connection,
    schema: str,
    sources: Sequence[tuple[str, str]] = (),
    *,
    immediate: bool = False,
) -> list[str]:
    """The GRANT statements that this role needs before it can build stream tables.

    Args:
        connection: the role's.
        schema: where dbt builds.
        sources: schema and name of the tables that stream tables read.
        immediate: whether one of them is IMMEDIATE, for which pg_trickle 0.67.0 makes functions in
            its own schema; the stand-in has them.
    """
    statement = _LACKING
    for mark, part in {
        "/* capture rights */": render("pgtrickle__capture_rights", source="sources.oid"),
        "/* buffers schema */": render("pgtrickle__buffers_schema"),
        "/* written tables */": render("pgtrickle__written_tables"),
        "/* write grant */": render("pgtrickle__write_grant"),
    }.items():
        # a percent sign of its own is no placeholder
        statement = statement.replace(mark, part.replace("%", "%%"))
    found = connection.execute(
        statement.encode(),
        {
            "schema": schema,
            "immediate": immediate,
            "schemas": [schema for schema, _ in sources],
            "tables": [name for _, name in sources],
        },
    )
    return [str(row["statement"]) for row in found]


def for_trials(connection: Connection) -> str:
    """The GRANT that this role needs so that queries can be tried; empty where it has it.

    Args:
        connection: the role's.
    """
    found = connection.execute(
        "select format('grant create on database %I to %I;', current_database(), current_user)"
        " as statement where not has_database_privilege(current_database(), 'create')"
    ).fetchone()
    return str(found["statement"]) if found else ""
