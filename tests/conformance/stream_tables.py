"""Short words for what every conformance test says about a stream table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
import pytest

from tests.support.postgres import Database

CREATE = "select pgtrickle.create_stream_table(%s, %s, %s, %s)"
CREATE_OR_REPLACE = "select pgtrickle.create_or_replace_stream_table(%s, %s, %s, %s)"


def create(
    database: Database,
    name: str,
    query: str,
    schedule: str | None = "1h",
    mode: str = "DIFFERENTIAL",
) -> None:
    """Create a stream table, by default on a schedule that no test lives to see."""
    database.query(CREATE, name, query, schedule, mode)


def create_or_replace(
    database: Database,
    name: str,
    query: str,
    schedule: str | None = "1h",
    mode: str = "DIFFERENTIAL",
) -> None:
    """Create or replace a stream table."""
    database.query(CREATE_OR_REPLACE, name, query, schedule, mode)


def refresh(database: Database, name: str) -> None:
    """Refresh a stream table by hand."""
    database.query("select pgtrickle.refresh_stream_table(%s)", name)


def info(database: Database, name: str) -> dict[str, Any]:
    """The stream table's row of stream_tables_info."""
    schema, table = name.split(".", 1)
    rows = database.query(
        "select * from pgtrickle.stream_tables_info where pgt_schema = %s and pgt_name = %s",
        schema, table,
    )  # fmt: skip
    assert len(rows) == 1, f"{name} is not a stream table"
    return rows[0]


def exists(database: Database, name: str) -> bool:
    """Whether a relation of that name exists."""
    return bool(database.value("select to_regclass(%s) is not null", name))


def oid(database: Database, name: str) -> int:
    """The relation's OID."""
    return int(database.value("select %s::regclass::oid", name))


def rows(database: Database, statement: str) -> list[tuple[Any, ...]]:
    """The rows of a query as tuples, sorted by their text, so that NULLs are no trouble."""
    return sorted((tuple(row.values()) for row in database.query(statement)), key=repr)


def columns(database: Database, name: str) -> list[str]:
    """The relation's columns in its own order."""
    return [
        row["attname"]
        for row in database.query(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 "
            "and not attisdropped order by attnum",
            name,
        )
    ]


def history(database: Database, name: str) -> list[dict[str, Any]]:
    """The stream table's refreshes, oldest first."""
    found = database.query("select * from pgtrickle.get_refresh_history(%s, 1000)", name)
    return sorted(found, key=lambda row: row["refresh_id"])


def messages(database: Database, statement: str, *args: Any) -> str:
    """Everything that the server says while it runs one statement."""
    heard: list[str] = []
    with database.connect() as connection:
        connection.add_notice_handler(
            lambda diagnostic: heard.append(diagnostic.message_primary or "")
        )
        connection.execute(statement.encode(), args or None)
    return "\n".join(heard)


def error(database: Database, statement: str, *args: Any) -> psycopg.Error:
    """The error that a statement raises; a failed test if it raises none."""
    with pytest.raises(psycopg.Error) as raised:
        database.query(statement, *args)
    return raised.value


def sqlstate(database: Database, statement: str, *args: Any) -> str | None:
    """The SQLSTATE that a statement fails with."""
    return error(database, statement, *args).sqlstate


def states(database: Database, names: Sequence[str]) -> list[str]:
    """The statuses of some stream tables."""
    return [info(database, name)["status"] for name in names]
