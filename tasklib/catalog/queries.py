"""The SQL of the checks: pure macros that dbt and the tasks read alike."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import jinja2
import psycopg

from tasklib.base.errors import UserError
from tasklib.base.plain import plain
from tasklib.catalog.rows import AnyRow

R = TypeVar("R")
# a check says who is in its way, rather than wait for ever
PATIENCE = "set local lock_timeout = '10s'"
# the rooms of macros/ without anything of dbt's
PURE = ("queries", "text", "flatten", "trial", "deploy")


def fetch(
    connection: psycopg.Connection[AnyRow], shape: type[R], /, **parameters: object
) -> list[R]:
    """Run the query that a class of tasklib.catalog.rows has the rows of.

    Args:
        connection: where to run it.
        shape: the class.
        parameters: the macro's arguments, sent as parameters, never as text.

    Raises:
        UserError: (exit status 2) the database refuses it.
    """
    statement = render(query(shape), **{key: f"%({key})s" for key in parameters})
    alone = connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    try:
        with connection.transaction() if alone else contextlib.nullcontext():
            if alone:
                connection.execute(PATIENCE)
            found = connection.execute(statement.encode(), parameters or None)
            return cast(list[R], found.fetchall())
    except psycopg.errors.LockNotAvailable:
        raise UserError(
            f"Can't check: another session has locked what is asked for{_by_whom(connection)}.",
            "Have that session commit or roll back, or end it: "
            "select pg_terminate_backend(…) with its process's number.",
            exit_code=2,
        ) from None
    except psycopg.Error as error:
        if is_replica(connection):
            raise UserError(
                f"Can't check: a read replica can't answer it: {first_line(error)}",
                "Ask the primary.",
                exit_code=2,
            ) from None
        raise UserError(
            f"Can't check: the database refuses the question: {first_line(error)}",
            "Look whether this role may read schema pgtrickle, and at this version of pg_trickle.",
            exit_code=2,
        ) from None


def query(shape: type) -> str:
    """The macro that gives the rows of a class: pgtrickle__drop_plan for DropPlan."""
    return "pgtrickle_" + re.sub("(?=[A-Z])", "_", shape.__name__).lower()


def _by_whom(connection: psycopg.Connection[AnyRow]) -> str:
    """The processes that keep everybody from pg_trickle's catalog, in words."""
    held = connection.execute(
        "select distinct pid from pg_catalog.pg_locks"
        " join pg_catalog.pg_class held on held.oid = relation"
        " where mode = 'AccessExclusiveLock' and granted and database = ("
        "select oid from pg_catalog.pg_database where datname = current_database())"
        " and relnamespace = to_regnamespace('pgtrickle')"
    ).fetchall()
    return f": process {', '.join(str(row['pid']) for row in held)}" if held else ""


def is_replica(connection: psycopg.Connection[AnyRow]) -> bool:
    """Whether it is a read replica, where nothing can be written; False if it doesn't answer."""
    try:
        rows = connection.execute("select pg_catalog.pg_is_in_recovery() as there").fetchall()
    except psycopg.Error:
        return False
    return bool(rows[0]["there"])


def first_line(error: psycopg.Error) -> str:
    """The server's message alone: the extension's detail is a stack trace."""
    return plain(error.diag.message_primary or str(error).strip().split("\n", 1)[0])


def render(name: str, /, **sql_args: Any) -> str:
    """The text of one query.

    Args:
        name: the macro's name.
        sql_args: its arguments: SQL expressions, such as a placeholder or a quoted literal, or
            rows of the catalog.
    """
    return str(getattr(_compiled(name), name)(**sql_args)).strip()


def source(name: str) -> str:
    """The text of a macro and of those that it calls.

    Args:
        name: the macro's name.
    """
    texts, wanted = _texts(), [name]
    needed: set[str] = set()
    while wanted:
        text = texts[wanted.pop()]
        if text not in needed:
            needed.add(text)
            wanted += texts.keys() & set(re.findall(r"\w+", text))
    return "\n".join(needed)


@cache
def _compiled(name: str) -> Any:
    # not all macros: to compile them took a third of a task's time
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)  # noqa: S701 SQL, not HTML
    # as in dbt
    environment.globals["modules"] = {"re": re}
    return environment.from_string(source(name)).module


@cache
def _texts() -> dict[str, str]:
    """The file of each macro."""
    files = [path.read_text(encoding="utf-8") for path in _files()]
    return {name: text for text in files for name in re.findall(r"\{%-?\s*macro\s+(\w+)", text)}


def _files() -> Iterator[Path]:
    root = Path(__file__).resolve().parents[2] / "macros"
    bundled = root / "pgtrickle"
    for room in PURE:
        yield from sorted(((bundled if bundled.is_dir() else root) / room).glob("*.sql"))
