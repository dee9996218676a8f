"""The way to the project's database."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import dict_row

from tasklib.base.errors import UserError
from tasklib.catalog.queries import fetch, first_line, is_replica, render
from tasklib.catalog.rows import Access, AnyRow, Function
from tasklib.project.project import ROLE_VARIABLE

Connection = psycopg.Connection[AnyRow]

CONNECT_TIMEOUT = "5"
# Compiling the checks' wide queries takes longer than running them. By any other search_path our
# statements would run functions of whoever may make a schema: one called like this user comes
# first, and a better fit wins over pg_catalog's own. Statements, since PgBouncer refuses settings
# at the start of a connection.
SESSION = "set jit = off; set search_path = pg_catalog, pg_temp"


class PasswordRefusedError(UserError):
    """The server doesn't take the password."""


class NotAdmittedError(UserError):
    """The server's pg_hba.conf lets nobody in from here."""


# libpq gives no code of a connection that didn't come about
_REFUSALS = {
    "password authentication failed": PasswordRefusedError,
    "no pg_hba.conf entry": NotAdmittedError,
}


def connect(environment: Mapping[str, str]) -> Connection:
    """Open an autocommit connection whose rows are dicts.

    Args:
        environment: libpq's variables (PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE).

    Raises:
        UserError: (exit status 2) nothing answers there, it refuses the user (one of the errors
            above) or the role, or no server is named.
    """
    if not environment.get("PGHOST"):
        raise UserError("No server is known: .env names none.", "Start it with: invoke up", 2)
    try:
        connection = open_connection(environment)
        connection.execute(SESSION)
    except psycopg.Error as error:
        options = conninfo_to_dict(parameters(environment))
        where = f"{options['host']}:{options.get('port', 5432)}"
        raise refusal(error)(
            f"The database at {where} can't be reached: {reason(error)}",
            "Start it with: invoke up (invoke doctor tells more)",
            exit_code=2,
        ) from None
    take_role(connection, environment)
    return connection


def open_connection(environment: Mapping[str, str]) -> Connection:
    """Open a connection that changes no setting of its session.

    It prepares nothing: others' code that runs in it could prepare something else by that name.

    Args:
        environment: libpq's variables.

    Raises:
        psycopg.Error: nothing answers there, or it refuses the user.
    """
    return psycopg.connect(
        parameters(environment), autocommit=True, row_factory=dict_row, prepare_threshold=None
    )


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
    # by another one psycopg gives bytes instead of text, or nothing
    ours = {"application_name": "invoke", "client_encoding": "UTF8"}
    return make_conninfo(**{**defaults, **options, **ours})


def has_function(connection: Connection, name: str) -> bool:
    """Whether this version of the extension has a function of that name."""
    return bool(fetch(connection, Function, name=name))


def place(connection: Connection) -> str:
    """Where a connection leads: host, port and database."""
    info = connection.info
    return f"{info.host}:{info.port}/{info.dbname}"


def reason(error: psycopg.Error) -> str:
    """Why no connection came about, in the server's or libpq's own words, in one line."""
    lines = str(error).strip().splitlines() or ["no reason was given"]
    failures = [line for line in lines if "failed: " in line] or lines
    return failures[-1].rsplit("failed: ", 1)[-1].removeprefix("FATAL:").strip()


def refusal(error: psycopg.Error) -> type[UserError]:
    """What kind of error it is that no connection came about."""
    return next((kind for text, kind in _REFUSALS.items() if text in str(error)), UserError)


def connect_to_catalog(environment: Mapping[str, str]) -> Connection:
    """Open a connection that can read pg_trickle's catalog.

    Args:
        environment: libpq's variables.

    Raises:
        UserError: (exit status 2) no connection, no extension, or no right to read its catalog.
    """
    connection = connect(environment)
    for obstacle in fetch(connection, Access):
        connection.close()
        raise UserError(f"Can't check: {obstacle['cause']}", obstacle["remedy"], exit_code=2)
    return connection


def connect_to_primary(environment: Mapping[str, str], task: str) -> Connection:
    """As connect_to_catalog, for a task that writes.

    Args:
        environment: libpq's variables.
        task: what the user called.

    Raises:
        UserError: (exit status 2) as there, or it is a read replica.
    """
    connection = connect_to_catalog(environment)
    try:
        require_primary(connection, task)
    except UserError:
        connection.close()
        raise
    return connection


def keep_writers_away(connection: Connection, tables: Iterable[str], timeout: str) -> None:
    """Have nobody write to tables until the transaction ends.

    Args:
        connection: to the database, in a transaction.
        tables: their quoted names.
        timeout: how long to wait for the lock of each, as lock_timeout takes it.

    Raises:
        psycopg.errors.LockNotAvailable: somebody went on writing.
        psycopg.errors.InsufficientPrivilege: this role may not.
    """
    connection.execute("select set_config('lock_timeout', %s, true)", (timeout,))
    if listed := ", ".join(tables):
        connection.execute(f"lock table {listed} in share mode".encode())


def require_primary(connection: Connection, task: str) -> None:
    """Stop where nothing can be written.

    Args:
        connection: to the database.
        task: what the user called.

    Raises:
        UserError: (exit status 2) it is a read replica.
    """
    if is_replica(connection):
        raise UserError(
            f"{place(connection)} is a read replica, and invoke {task} has to write.",
            "Ask the primary.",
            2,
        )


def as_scheduler(connection: Connection) -> None:
    """Go on under the time zone of pg_trickle's scheduler.

    What is refreshed or compared under another is not what the scheduler keeps. Our own statements
    keep their search_path; tasklib.owner runs those of stream tables under the scheduler's.
    """
    connection.execute(f"select {render('pgtrickle__as_scheduler', local='false')}".encode())


def note_scheduler_path(connection: Connection, known: str = "") -> str:
    """The search_path of pg_trickle's scheduler, which our SQL finds noted down from then on.

    Args:
        connection: to the database.
        known: what it is, instead of what was noted down before or is found out now.
    """
    asked = "select pg_catalog.current_setting('dbt_pgtrickle.scheduler_path', true) as path"
    if known:
        note = "select pg_catalog.set_config('dbt_pgtrickle.scheduler_path', %s, false)"
        connection.execute(note, (known,))
        return known
    found = connection.execute(asked).fetchall()[0]["path"]
    if not found:
        connection.execute(render("pgtrickle__note_scheduler", local="false").encode())
        found = connection.execute(asked).fetchall()[0]["path"]
    return str(found or "")


def serialize(connection: Connection) -> None:
    """Keep other sessions from changing the extension's catalog until this transaction ends.

    The extension fails at random where two do; the macros take the same lock.
    """
    connection.execute("select pg_advisory_xact_lock(hashtext('dbt_pgtrickle'))")
