"""The trial: does the installed engine keep a query right? The database tries it on copies."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import psycopg
from psycopg import sql

from tasklib.base.errors import UserError
from tasklib.catalog.database import Connection
from tasklib.catalog.owner import Owner
from tasklib.catalog.queries import first_line, render
from tasklib.catalog.rows import AnyRow

SECONDS = 3.0
ROWS = 30


@dataclass(frozen=True)
class Trial:
    """What a trial found; the fields are those of macros/trial/pgtrickle__trial_function.sql.

    Args:
        outcome: right, wrong, fails, refused, slow, unproved or untried.
        unfinished: it is unproved because time was up.
        mode: the refresh mode that was tried.
        version: the extension and its version.
        rounds: rounds of changes.
        moved: rounds in which the result changed incrementally.
        seconds: what it took.
        refresh_ms: a refresh, in milliseconds.
        query_ms: the query itself over the same rows, where that was measured.
        change: the smallest change that showed a fault, in words.
        expected: rows that were missing, at most three.
        found: rows that were there instead.
        error: {sqlstate, message} where something failed.
        read: whether another stream table read it.
        notes: what limits the proof.
    """

    outcome: str
    mode: str
    unfinished: bool = False
    version: str | None = None
    rounds: int = 0
    moved: int = 0
    seconds: float = 0.0
    refresh_ms: float | None = None
    query_ms: float | None = None
    change: str | None = None
    expected: list[AnyRow] | None = None
    found: list[AnyRow] | None = None
    error: dict[str, str] | None = None
    read: bool = False
    notes: list[str] = field(default_factory=list)


def try_query(
    connection: Connection,
    query: str,
    mode: str,
    *,
    seconds: float = SECONDS,
    rows: int = ROWS,
    rounds: int = 0,
    seed: int = 1,
    same_as: str | None = None,
    pieces: Mapping[str, str] | None = None,
    keys: Mapping[str, Sequence[str]] | None = None,
    read: bool = False,
    owner: str | None = None,
) -> Trial:
    """Try a query; whatever that makes is rolled back.

    Args:
        connection: to the database; autocommit.
        query: what the stream table would have, without a semicolon at its end.
        mode: DIFFERENTIAL, FULL or IMMEDIATE.
        seconds: when to stop; the systematic rounds may take twenty times as long.
        rows: of each source to copy.
        rounds: random rounds after the systematic ones.
        seed: the same seed, the same random rounds.
        same_as: another query, whose result counts instead.
        pieces: the queries of tables that stand for stream tables, by `schema.name`.
        keys: the primary keys that tables are to have which have none, by `schema.name`.
        read: whether another stream table is to read it.
        owner: the role with whose rights; None: this one.

    Raises:
        UserError: (exit status 2) the database refuses the question itself.
    """
    asked: dict[str, Any] = {
        "seconds": seconds, "rows": rows, "rounds": rounds, "seed": seed, "same_as": same_as,
        "pieces": pieces, "keys": keys, "read": read,
    }  # fmt: skip
    limit = round(float(render("pgtrickle__trial_limit", seconds=seconds)) * 1000)
    started = time.monotonic()
    try:
        make_functions(connection)
        with connection.transaction(force_rollback=True):
            connection.execute("select set_config('statement_timeout', %s, true)", (str(limit),))
            acting = Owner(connection, owner)
            asked["search_path"] = acting.path
            options = json.dumps({k: v for k, v in asked.items() if v is not None})
            answer = acting.ask(
                sql.SQL(
                    "select pg_temp.dbt_pgtrickle_trial({}, {}, {}::pg_catalog.jsonb)"
                    "::pg_catalog.text"
                ).format(sql.Literal(query), sql.Literal(mode), sql.Literal(options))
            )
    except psycopg.errors.QueryCanceled:
        took = time.monotonic() - started
        return Trial("slow", mode, seconds=took, notes=["a refresh was ended after that long"])
    except psycopg.Error as error:
        raise UserError(
            f"The trial failed: {first_line(error)}",
            "This takes the right to create a schema and to read what the query reads.",
            exit_code=2,
        ) from None
    found = json.loads(answer)
    known = {item.name for item in fields(Trial)}
    return Trial(**{key: value for key, value in found.items() if key in known})


def run(acting: Owner, command: str) -> None:
    """Run what gives no rows; make_functions has been called in this session.

    Args:
        acting: for whom.
        command: SQL, also more than one statement.
    """
    acting.ask(
        sql.SQL("select pg_temp.dbt_pgtrickle_do({}, {})::pg_catalog.text").format(
            sql.Literal(command), sql.Literal(acting.path)
        )
    )


def make_functions(connection: Connection) -> None:
    """Make the functions of a trial in pg_temp, unless they are there.

    Each time anew, a session would grow and slow down.

    Args:
        connection: to the database.
    """
    found = connection.execute(
        "select to_regproc('pg_temp.dbt_pgtrickle_trial') as made"
    ).fetchone()
    if not found or found["made"] is None:
        connection.execute(render("pgtrickle__trial_functions").encode())
