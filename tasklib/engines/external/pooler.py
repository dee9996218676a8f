"""Whether a connection pooler stands between a client and PostgreSQL, and of which kind."""

from __future__ import annotations

from collections.abc import Mapping

import psycopg

from tasklib.catalog.database import Connection, open_connection

SESSION, TRANSACTION = "session", "transaction"


def mode(connection: Connection, environment: Mapping[str, str]) -> str:
    """The kind of pooling in between; empty if there is none.

    A pooler makes up the process id that its client is told, so that it can cancel; PostgreSQL
    says its own. Where two clients that are both connected meet the same server process, or one
    of them changes it between two transactions, each transaction gets whatever is free.
    """
    own = _pid(connection)
    if own == connection.info.backend_pid:
        return ""
    try:
        with open_connection(environment) as other, other.transaction():
            shared = _pid(other) == own or _pid(connection) != own
    except psycopg.Error:
        return SESSION
    return TRANSACTION if shared else SESSION


def _pid(connection: Connection) -> int:
    row = connection.execute("select pg_backend_pid() as pid").fetchone()
    assert row is not None  # noqa: S101 a select without from
    return int(row["pid"])
