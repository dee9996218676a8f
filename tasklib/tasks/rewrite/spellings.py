"""The ways in which `dbt run` gives a query to the extension."""

from __future__ import annotations

import json

from psycopg import sql

from tasklib.catalog.database import Connection
from tasklib.catalog.owner import Owner
from tasklib.catalog.queries import render


def spellings(connection: Connection, query: str, owner: str | None = None) -> list[str]:
    """A query in each spelling that `dbt run` tries, in its order.

    Args:
        connection: to the database; nothing that this makes stays there.
        query: SQL.
        owner: the role with whose rights it is planned; None: this one.

    Raises:
        psycopg.Error: PostgreSQL refuses the query.
    """
    with connection.transaction(force_rollback=True):
        acting = Owner(connection, owner)
        connection.execute(
            "select set_config('dbt_pgtrickle.search_path', %s, true)", (acting.path,)
        )
        connection.execute(render("pgtrickle__flat_function").encode())
        asked = sql.SQL("select pg_temp.dbt_pgtrickle_flat({})::pg_catalog.text")
        found = json.loads(acting.ask(asked.format(sql.Literal(query))))
    return found.get("spellings") or [query]
