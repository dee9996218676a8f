"""The one short transaction in which relations change places."""

from __future__ import annotations

import contextlib
import json
import random
import time
from collections.abc import Sequence

import psycopg
from psycopg import sql

from tasklib.base.errors import UserError
from tasklib.catalog.database import Connection, serialize
from tasklib.catalog.queries import first_line, render
from tasklib.catalog.rows import Place
from tasklib.tasks.deploy import versions
from tasklib.tasks.deploy.versions import Version, Whose

# for what isn't a table's lock; pgtrickle__exchange waits less for those
LOCK_TIMEOUT = "2s"


class _Exchanged(Place):
    """What pgtrickle__exchange takes."""

    carry: bool
    incoming: str | None
    outgoing: str | None


def swap(
    connection: Connection,
    whose: Whose,
    comes: Version,
    goes: Version,
    deadline: float,
) -> float:
    """Put what `comes` holds in the place of what goes, and that into `goes`, which is made.

    Whoever uses one of the tables is waited for, a moment at a time, until the deadline.

    Args:
        connection: as the owner of all of it.
        whose: the project.
        comes: the version whose relations come.
        goes: the version to be made of what is there; its moves say what has and had what.
        deadline: on time.monotonic()'s clock.

    Returns:
        The seconds that the transaction took which did it.

    Raises:
        UserError: it can't be done, or not in time; everything is as it was.
    """
    moves: list[_Exchanged] = [
        {
            "schema_name": move["schema_name"],
            "table_name": move["table_name"],
            "carry": move["carry"],
            "incoming": comes.schemas[move["schema_name"]] if move["has"] else None,
            "outgoing": goes.schemas[move["schema_name"]] if move["had"] else None,
        }
        for move in goes.moves
    ]
    while True:
        started = time.monotonic()
        try:
            with connection.transaction():
                _exchange(connection, whose, goes, moves)
                _drop_emptied(connection, comes)
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            if time.monotonic() > deadline:
                raise UserError(
                    "The tables were in use all the time, so nothing changed places.",
                    "Try again at a quieter time, or with a longer --timeout.",
                ) from None
            time.sleep(random.uniform(0.1, 0.6))  # noqa: S311 so as not to meet again
        except psycopg.Error as error:
            raise UserError(
                f"Nothing changed places: {first_line(error)}", "Mend that, then try again."
            ) from None
        else:
            return time.monotonic() - started


def _exchange(
    connection: Connection, whose: Whose, goes: Version, moves: Sequence[_Exchanged]
) -> None:
    connection.execute("select set_config('lock_timeout', %s, true)", (LOCK_TIMEOUT,))
    serialize(connection)
    versions.create(connection, whose, goes)
    for schema in goes.schemas:
        connection.execute(sql.SQL("create schema if not exists {}").format(sql.Identifier(schema)))
    connection.execute(render("pgtrickle__rename_function").encode())
    literal = sql.Literal(json.dumps(moves)).as_string(connection)
    body = render("pgtrickle__exchange", moves=f"{literal}::jsonb", ids=_ids(connection, moves))
    connection.execute(sql.SQL("do {}").format(sql.Literal(body)))


def _drop_emptied(connection: Connection, comes: Version) -> None:
    """What came has left its schemas, which would be taken for a version that is kept."""
    for schema in comes.schemas.values():
        with (
            contextlib.suppress(psycopg.errors.DependentObjectsStillExist),
            connection.transaction(),
        ):
            connection.execute(sql.SQL("drop schema {}").format(sql.Identifier(schema)))


def _ids(connection: Connection, moves: Sequence[_Exchanged]) -> list[int]:
    places = [
        f"{schema}.{move['table_name']}"
        for move in moves
        for schema in (move["schema_name"], move["incoming"])
        if schema
    ]
    rows = connection.execute(
        """
        select pgt_id
        from pgtrickle.pgt_stream_tables
        join pg_catalog.pg_class on pg_class.oid = pgt_relid
        join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
        where nspname || '.' || relname = any (%s)
        """,
        (places,),
    )
    return [row["pgt_id"] for row in rows]
