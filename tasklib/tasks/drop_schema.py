"""Drop a schema that dbt built in for a while, such as a pull request's, and all that is in it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing

import psycopg
from psycopg import sql

from tasklib.base.display import ask, say
from tasklib.base.errors import UserError
from tasklib.catalog.database import Connection, connect_to_primary, place, serialize
from tasklib.catalog.queries import fetch, first_line
from tasklib.catalog.rows import AnyRow, DropPlan, Entries
from tasklib.project import manifest, profile
from tasklib.project.dbt import quietly
from tasklib.project.project import Project
from tasklib.tasks.drop import drop_one, refuse_kept_readers

KINDS = {"r": "table", "p": "table", "v": "view", "m": "materialized view", "f": "foreign table"}
# what dbt or somebody else made there, and who reads it from elsewhere
CONTENTS = """
    select relation.relname as name, relation.relkind::text as kind
    from pg_catalog.pg_class relation
    where relation.relnamespace = to_regnamespace(quote_ident(%(schema)s))
      and relation.relkind = any(%(kinds)s)
    order by 1
"""
# whoever owns a schema drops what others have in it, but not their stream tables
OTHERS = """
    select subject, pg_get_userbyid(owner) as owner
    from (
      select nspname as subject, nspowner as owner
      from pg_catalog.pg_namespace
      where nspname = %(schema)s
      union all
      select namespace.nspname || '.' || relname, relowner
      from pg_catalog.pg_class
      join pg_catalog.pg_namespace namespace on namespace.oid = relnamespace
      join pg_catalog.pg_attribute on attrelid = pg_class.oid and attname = '__pgt_row_id'
      where nspname = %(schema)s and relkind in ('r', 'p', 'f')
    ) as owned
    where not pg_has_role(owner, 'usage')
    limit 1
"""
READERS = """
    select distinct format('%%I.%%I', reader_space.nspname, reader.relname) as subject
    from pg_catalog.pg_class relation
    join pg_catalog.pg_depend dependency
      on dependency.refobjid = relation.oid
      and dependency.refclassid = 'pg_catalog.pg_class'::regclass
      and dependency.classid = 'pg_catalog.pg_rewrite'::regclass
    join pg_catalog.pg_rewrite rule on rule.oid = dependency.objid
    join pg_catalog.pg_class reader on reader.oid = rule.ev_class
    join pg_catalog.pg_namespace reader_space on reader_space.oid = reader.relnamespace
    where relation.relnamespace = to_regnamespace(quote_ident(%(schema)s))
      and reader.relnamespace <> relation.relnamespace
    union
    select entry.pgt_schema || '.' || entry.pgt_name
    from pgtrickle.pgt_stream_tables entry
    join pgtrickle.pgt_dependencies using (pgt_id)
    join pg_catalog.pg_class relation on relation.oid = source_relid
    left join pg_catalog.pg_class own on own.oid = entry.pgt_relid
    where relation.relnamespace = to_regnamespace(quote_ident(%(schema)s))
      and own.relnamespace is distinct from relation.relnamespace
    union
    select format('%%I.%%I', reader_space.nspname, reader.relname)
    from (
      select conrelid as relid, referenced.relnamespace as namespace
      from pg_catalog.pg_constraint
      join pg_catalog.pg_class referenced on referenced.oid = confrelid
      union all
      select attrelid, typnamespace
      from pg_catalog.pg_attribute
      join pg_catalog.pg_type on pg_type.oid = atttypid
      where not attisdropped
    ) as used
    join pg_catalog.pg_class reader on reader.oid = used.relid
    join pg_catalog.pg_namespace reader_space on reader_space.oid = reader.relnamespace
    where namespace = to_regnamespace(quote_ident(%(schema)s)) and reader.relnamespace <> namespace
    order by 1
"""


def drop_schema(project: Project, schema: str, *, yes: bool = False) -> None:
    """Drop a schema's stream tables, then the schema, after naming what goes.

    Args:
        project: the project.
        schema: the schema's name.
        yes: don't ask.

    Raises:
        UserError: it is production's or the server's, or there is none (exit status 2); something
            elsewhere reads what is in it, it can't be dropped, or no is the answer (1).
    """
    _refuse_lasting(project, schema)
    with closing(connect_to_primary(project.environment(), "drop-all")) as connection:
        if not connection.execute(
            "select 1 from pg_catalog.pg_namespace where nspname = %s", (schema,)
        ).fetchone():
            raise UserError(f"There is no schema {schema}.", "Nothing has to be dropped.", 2)
        _refuse_others(connection, schema)
        plan = _stream_tables(connection, schema)
        refuse_kept_readers(plan)
        _refuse_readers(connection, schema)
        _name(schema, plan, _contents(connection, schema))
        if not (yes or ask(f"Drop it from {place(connection)}?")):
            raise UserError("Nothing was dropped.")
        for table in plan:
            drop_one(connection, table)
        _drop(connection, schema)
    say(f"Dropped the schema {schema} and {len(plan)} stream table(s).")


def _refuse_lasting(project: Project, schema: str) -> None:
    """Stop before what no pull request made: a slip of the pen must not cost data."""
    if schema.startswith("pg_") or schema in ("information_schema", "pgtrickle", "public"):
        raise UserError(f"{schema} is no schema of dbt's alone.", "Name a pull request's.", 2)
    lasting = {project.schema, _production(project)}
    if schema in lasting:
        raise UserError(
            f"{schema} is where the target prod builds.",
            "To drop its stream tables: invoke drop-all",
            2,
        )
    if not manifest.manifest_path(project).is_file():
        quietly(project, "parse")
    if schema in {source for source, _ in manifest.sources(project)}:
        raise UserError(
            f"{schema} holds sources of this project, which dbt doesn't build.",
            "Name a pull request's, such as pr_12.",
            2,
        )


def _production(project: Project) -> str:
    """The schema of the target prod; empty where there is none."""
    found = profile.target(project.root, project.environment() | {"DBT_TARGET": "prod"})
    return "" if isinstance(found, str) else str(found.get("schema", ""))


def _stream_tables(connection: Connection, schema: str) -> list[DropPlan]:
    """What is to be dropped first, as rows of pgtrickle__drop_plan; nothing outside of it."""
    names = [
        f"{row['schema_name']}.{row['table_name']}"
        for row in fetch(connection, Entries)
        if row["schema_name"] == schema
    ]
    return fetch(connection, DropPlan, managed="[]", names=json.dumps(names))


def _contents(connection: Connection, schema: str) -> list[AnyRow]:
    return connection.execute(CONTENTS, {"schema": schema, "kinds": list(KINDS)}).fetchall()


def _refuse_others(connection: Connection, schema: str) -> None:
    for row in connection.execute(OTHERS, {"schema": schema}):
        raise UserError(
            f"{row['subject']} belongs to {row['owner']}.",
            f'As a superuser: grant "{row["owner"]}" to "{connection.info.user}"; '
            "or drop it as that role.",
        )


def _refuse_readers(connection: Connection, schema: str) -> None:
    readers = [row["subject"] for row in connection.execute(READERS, {"schema": schema})]
    if readers:
        raise UserError(
            f"What is in {schema} is read from elsewhere: {', '.join(readers)}.",
            "Drop that first, or have it read something else.",
        )


def _name(schema: str, plan: Sequence[DropPlan], contents: Sequence[AnyRow]) -> None:
    stream_tables = {table["subject"] for table in plan}
    say(f"The schema {schema} is to be dropped, with:")
    for one in contents:
        subject = f"{schema}.{one['name']}"
        kind = "stream table" if subject in stream_tables else KINDS[one["kind"]]
        say(f"  {kind} {subject}")


def _drop(connection: Connection, schema: str) -> None:
    try:
        with connection.transaction():
            serialize(connection)
            connection.execute(sql.SQL("drop schema {} cascade").format(sql.Identifier(schema)))
    except psycopg.Error as error:
        raise UserError(
            f"The schema {schema} can't be dropped: {first_line(error)}",
            "Its stream tables are gone; the rest is as it was.",
        ) from None
