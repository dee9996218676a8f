"""The way to the project's database."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import dict_row

from tasklib.errors import UserError
from tasklib.project import ROLE_VARIABLE
from tasklib.queries import fetch, first_line, render

Connection = psycopg.Connection[dict[str, Any]]

CONNECT_TIMEOUT = "5"
# Compiling the checks' wide queries takes longer than running them. A statement, since PgBouncer
# refuses settings at the start of a connection.
SESSION = "set jit = off"


def connect(environment: Mapping[str, str]) -> Connection:
    """Open an autocommit connection whose rows are dicts.

    Args:
        environment: libpq's variables (PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE).

    Raises:
        UserError: (exit status 2) nothing answers there, or it refuses the user or the role.
    """
    try:
        connection = psycopg.connect(parameters(environment), autocommit=True, row_factory=dict_row)
        connection.execute(SESSION)
    except psycopg.Error as error:
        options = conninfo_to_dict(parameters(environment))
        place = f"{options['host']}:{options.get('port', 5432)}"
        raise UserError(
            f"The database at {place} can't be reached: {reason(error)}",
            "Start it with: invoke up (invoke doctor tells more)",
            exit_code=2,
        ) from None
    take_role(connection, environment)
    return connection


def take_role(connection: Connection, environment: Mapping[str, str]) -> None:
    """Go on as the role that the profile names, as dbt does; a pooler refuses it any earlier.

    Args:
        connection: to the database.
        environment: PGTRICKLE_ROLE in it is the role; empty for none.

    Raises:
        UserError: (exit status 2) this user may not.
    """
    role = environment.get(ROLE_VARIABLE)
    if not role:
        return
    try:
        connection.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
    except psycopg.Error as error:
        user = connection.info.user
        connection.close()
        raise UserError(
            f"The role {role} of profiles.yml can't be taken: {first_line(error)}.",
            f'As a superuser: grant "{role}" to "{user}"; or take role out of profiles.yml.',
            exit_code=2,
        ) from None


def parameters(environment: Mapping[str, str]) -> str:
    """libpq's connection string for its variables in an environment.

    libpq would look into this process's own as well: what was left out on purpose goes there too.
    """
    options = {}
    for option in psycopg.pq.Conninfo.get_defaults():
        name = (option.envvar or b"").decode()
        if environment.get(name):
            options[option.keyword.decode()] = environment[name]
        elif name:
            os.environ.pop(name, None)
    defaults = {"host": "127.0.0.1", "connect_timeout": CONNECT_TIMEOUT}
    return make_conninfo(**{**defaults, **options, "application_name": "invoke"})


def reason(error: psycopg.Error) -> str:
    """Why no connection came about, in the server's or libpq's own words, in one line."""
    lines = str(error).strip().splitlines() or ["no reason was given"]
    failures = [line for line in lines if "failed: " in line] or lines
    return failures[-1].rsplit("failed: ", 1)[-1].removeprefix("FATAL:").strip()


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


def as_scheduler(connection: Connection) -> None:
    """Go on under the search_path and time zone of pg_trickle's scheduler.

    What is refreshed or compared under others is not what the scheduler keeps.
    """
    connection.execute(render("pgtrickle__as_scheduler", local="false").encode())


def serialize(connection: Connection) -> None:
    """Keep other sessions from changing the extension's catalog until this transaction ends.

    The extension fails at random where two do; the macros take the same lock.
    """
    connection.execute("select pg_advisory_xact_lock(hashtext('dbt_pgtrickle'))")
