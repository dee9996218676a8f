"""The schemas of `invoke deploy`: what is built beside production, and what was there before.

The comment of each says what it is, so that the database knows, whatever machine asks: whose it is,
in whose place, until when it is kept, and which relations changed places.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone

import psycopg
from psycopg import sql

from tasklib.base.display import warn
from tasklib.base.errors import UserError
from tasklib.catalog.database import Connection, serialize
from tasklib.catalog.queries import fetch, first_line
from tasklib.catalog.rows import AnyRow, DropPlan, Entries, Exchangeable, Place
from tasklib.project import manifest
from tasklib.project.dbt import quietly
from tasklib.project.project import Project
from tasklib.tasks.drop import drop_one, refuse_kept_readers
from tasklib.tasks.drop_schema import READERS

MARK = "dbt_pgtrickle"
# of PostgreSQL's 63 bytes
ROOM = 40
BUILDING = "next"


@dataclass(frozen=True)
class Whose:
    """Whose versions they are.

    Args:
        project: dbt's name of the project.
        target: the schema of its target.
    """

    project: str
    target: str


class Move(Place):
    """What changes places there.

    Attributes:
        carry: whether grants are carried over.
        had: whether the version has what was there.
        has: whether something took its place.
    """

    carry: bool
    had: bool
    has: bool


@dataclass(frozen=True)
class Version:
    """One version: its schemas and what would change places with it.

    Args:
        name: when it was put away, or `next` while it is built.
        until: when it needn't be kept any more; None while it is built.
        schemas: its schema for each of production's.
        moves: what would.
    """

    name: str
    until: datetime | None
    schemas: Mapping[str, str]
    moves: Sequence[Move] = ()


def whose(project: Project) -> Whose:
    """Whose versions a project's are; dbt reads it where it hasn't yet.

    Raises:
        UserError: (exit status 2) dbt can't, or the manifest can't be read.
    """
    if not manifest.manifest_path(project).is_file():
        quietly(project, "parse")
    built = manifest.built(project)
    return Whose(built[0] if built else "", project.dbt_schema)


def following(schemas: Iterable[str], name: str, moves: Sequence[Move] = ()) -> Version:
    """A version that isn't there yet, with a schema beside each of production's.

    Args:
        schemas: production's.
        name: the version's.
        moves: as of Version.
    """
    return Version(name, None, {schema: _beside(schema, name) for schema in schemas}, moves)


def now() -> str:
    """The name of a version that is put away now; two within a second aren't the same."""
    return datetime.now(timezone.utc).strftime("%Y%m%dt%H%M%S%f")


def _beside(schema: str, name: str) -> str:
    if len(schema) > ROOM:
        schema = schema[: ROOM - 8] + hashlib.md5(schema.encode()).hexdigest()[:8]  # noqa: S324
    return f"{schema}__{name}"


def create(connection: Connection, whose: Whose, version: Version) -> None:
    """Make a version's schemas, in the transaction if there is one.

    Raises:
        psycopg.Error: this role may not, or one is there.
    """
    for place, schema in version.schemas.items():
        connection.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))
        said = {
            "project": whose.project, "target": whose.target, "of": place, "version": version.name,
            "until": version.until.isoformat() if version.until else None,
            "moves": [move for move in version.moves if move["schema_name"] == place],
        }  # fmt: skip
        told = json.dumps({MARK: said})
        connection.execute(
            sql.SQL("comment on schema {} is {}").format(sql.Identifier(schema), sql.Literal(told))
        )


def all_of(connection: Connection, whose: Whose) -> list[Version]:
    """A project's versions, what is being built first, then the newest."""
    rows = connection.execute(
        """
        select nspname, said::jsonb -> %(mark)s as said
        from pg_catalog.pg_namespace
        cross join lateral pg_catalog.obj_description(oid, 'pg_namespace') as said
        where case when said is json object then
          said::jsonb -> %(mark)s ->> 'project' = %(project)s
          and said::jsonb -> %(mark)s ->> 'target' = %(target)s end
        order by nspname
        """,
        {"mark": MARK, "project": whose.project, "target": whose.target},
    ).fetchall()
    found: dict[str, Version] = {}
    for row in rows:
        said: AnyRow = row["said"]
        name = said["version"]
        until = datetime.fromisoformat(said["until"]) if said["until"] else None
        known = found.setdefault(name, Version(name, until, {}))
        found[name] = replace(
            known,
            schemas={**known.schemas, said["of"]: row["nspname"]},
            moves=[*known.moves, *said["moves"]],
        )
    return sorted(found.values(), key=lambda one: one.name, reverse=True)


def kept(connection: Connection, whose: Whose) -> list[Version]:
    """The versions that a rollback may go back to, the newest first."""
    return [one for one in all_of(connection, whose) if one.until]


def ended(connection: Connection, whose: Whose) -> list[Version]:
    """The versions that needn't be kept any more."""
    return [one for one in kept(connection, whose) if expired(one)]


def expired(version: Version) -> bool:
    """Whether a version needn't be kept any more."""
    return version.until is not None and version.until <= datetime.now(timezone.utc)


def drop(connection: Connection, version: Version) -> None:
    """Drop a version with all that is in it.

    Raises:
        UserError: something elsewhere reads it, or it can't be dropped.
    """
    schemas = list(version.schemas.values())
    names = [
        f"{row['schema_name']}.{row['table_name']}"
        for row in fetch(connection, Entries)
        if row["schema_name"] in schemas
    ]
    plan = fetch(connection, DropPlan, managed="[]", names=json.dumps(names))
    refuse_kept_readers(plan)
    for schema in schemas:
        for row in connection.execute(READERS, {"schema": schema}):
            if row["subject"].partition(".")[0] not in schemas:
                raise UserError(
                    f"{schema} is read by {row['subject']}.", "Have that read something else."
                )
    for table in plan:
        drop_one(connection, table)
    try:
        with connection.transaction():
            serialize(connection)
            for schema in schemas:
                connection.execute(
                    sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(schema))
                )
    except psycopg.Error as error:
        raise UserError(f"{', '.join(schemas)} can't be dropped: {first_line(error)}") from None


def exchangeable(connection: Connection, relations: Sequence[Place]) -> list[Exchangeable]:
    """What is known of relations that others are to take the place of.

    Args:
        connection: to the database.
        relations: in production.
    """
    return fetch(connection, Exchangeable, relations=json.dumps(list(relations)))


def clear(connection: Connection, whose: Whose) -> None:
    """Drop what is, or was left, half done; name what can't be."""
    try:
        for version in all_of(connection, whose):
            if version.until is None:
                _drop_or_tell(connection, version)
    except psycopg.Error as error:
        warn(f"What was built beside may be left: {first_line(error)}; the next deploy drops it.")


def tell_stop(connection: Connection, whose: Whose, goes: Version | None) -> None:
    """Say after Ctrl-C what is in use.

    Args:
        connection: to the database.
        whose: the project.
        goes: what was to be put away; None if it hadn't come to that.
    """
    with contextlib.suppress(psycopg.Error):
        if goes and goes.name in [one.name for one in kept(connection, whose)]:
            warn("Stopped after the swap: what was built is in use. The rest: invoke deploy")
        else:
            warn("Stopped: what is in use is as it was.")


def drop_others(connection: Connection, whose: Whose, newest: Version) -> None:
    """Drop the versions before the one that a rollback goes back to from now on."""
    for version in kept(connection, whose):
        if version.name != newest.name:
            _drop_or_tell(connection, version)


def _drop_or_tell(connection: Connection, version: Version) -> None:
    try:
        drop(connection, version)
    except UserError as error:
        commands = "; ".join(f"invoke drop-all --schema {one}" for one in version.schemas.values())
        warn(f"An unused version is left: {error.cause} To drop it: {commands}")
