"""The way to the project's database."""

from __future__ import annotations

import getpass
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg.rows import dict_row

from tasklib.errors import UserError
from tasklib.queries import fetch

Connection = psycopg.Connection[dict[str, Any]]

CONNECT_TIMEOUT = 5


def connect(environment: Mapping[str, str]) -> Connection:
    """Open an autocommit connection whose rows are dicts.

    Args:
        environment: libpq's variables (PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE).

    Raises:
        UserError: (exit status 2) nothing answers there, or it refuses.
    """
    user = environment.get("PGUSER") or getpass.getuser()
    host, port = environment.get("PGHOST") or "127.0.0.1", environment.get("PGPORT") or "5432"
    try:
        return psycopg.connect(
            host=host,
            port=port,
            user=user,
            password=environment.get("PGPASSWORD") or None,
            dbname=environment.get("PGDATABASE") or user,
            connect_timeout=CONNECT_TIMEOUT,
            application_name="invoke",
            autocommit=True,
            row_factory=dict_row,
        )
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[-1].rsplit("FATAL:", 1)[-1].strip()
        raise UserError(
            f"The database at {host}:{port} can't be reached: {reason}",
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
