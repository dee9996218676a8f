"""The way to the project's database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import dict_row

from tasklib.errors import UserError
from tasklib.queries import fetch

Connection = psycopg.Connection[dict[str, Any]]

CONNECT_TIMEOUT = "5"
# compiling the checks' wide queries takes longer than running them
SESSION = "-c jit=off"


def connect(environment: Mapping[str, str]) -> Connection:
    """Open an autocommit connection whose rows are dicts.

    Args:
        environment: libpq's variables (PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE).

    Raises:
        UserError: (exit status 2) nothing answers there, or it refuses.
    """
    options = {
        option.keyword.decode(): environment[option.envvar.decode()]
        for option in psycopg.pq.Conninfo.get_defaults()
        if option.envvar and environment.get(option.envvar.decode())
    }
    options = {"host": "127.0.0.1", "connect_timeout": CONNECT_TIMEOUT, **options}
    session = f"{options.pop('options', '')} {SESSION}"
    try:
        return psycopg.connect(
            make_conninfo(**options, application_name="invoke", options=session),
            autocommit=True,
            row_factory=dict_row,
        )
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[-1].rsplit("FATAL:", 1)[-1].strip()
        place = f"{options['host']}:{options.get('port', 5432)}"
        raise UserError(
            f"The database at {place} can't be reached: {reason}",
            "Start it with: invoke up",
            exit_code=2,
        ) from None


def connect_to_catalog(environment: Mapping[str, str]) -> Connection:
    """Open a connection that can read pg_trickle's catalog.

    Args:
        environment: libpq's variables.

    Raises:
        UserError: (exit status 2) no connection, no extension, or no right to read its catalog.
    """
    connection = connect(environment)
    for obstacle in fetch(connection, "pgtrickle__access"):
        connection.close()
        raise UserError(f"Can't check: {obstacle['cause']}", obstacle["remedy"], exit_code=2)
    return connection


def serialize(connection: Connection) -> None:
    """Keep other sessions from changing the extension's catalog until this transaction ends.

    The extension fails at random where two do; the macros take the same lock.
    """
    connection.execute("select pg_advisory_xact_lock(hashtext('dbt_pgtrickle'))")
