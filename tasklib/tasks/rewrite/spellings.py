"""The ways in which `dbt run` gives a query to the extension."""

from __future__ import annotations

from tasklib.catalog.database import Connection, note_scheduler_path
from tasklib.catalog.queries import render


def spellings(connection: Connection, query: str) -> list[str]:
    """A query in each spelling that `dbt run` tries, in its order.

    Args:
        connection: to the database; nothing that this makes stays there.
        query: SQL.

    Raises:
        psycopg.Error: PostgreSQL refuses the query.
    """
    with connection.transaction(force_rollback=True):
        path = note_scheduler_path(connection)
        connection.execute("select set_config('dbt_pgtrickle.search_path', %s, true)", (path,))
        connection.execute(render("pgtrickle__flat_function").encode())
        found = connection.execute(
            "select pg_temp.dbt_pgtrickle_flat(%s) as flat", (query,)
        ).fetchall()[0]["flat"]
    return found.get("spellings") or [query]
