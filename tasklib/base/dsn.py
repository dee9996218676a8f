"""PGTRICKLE_DSN: one line that names a whole server, for libpq's variables are what dbt reads."""

from __future__ import annotations

import getpass
import re
from collections.abc import Mapping
from pathlib import Path

from tasklib.base.errors import UserError

VARIABLE = "PGTRICKLE_DSN"
# Left over from another server they would redirect the connection, however it is protected.
REDIRECTING = ("PGHOSTADDR", "PGSERVICE", "PGSERVICEFILE")
FILES = ("PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY", "PGSSLCRL", "PGPASSFILE")
_UNKNOWN = re.compile(r'invalid (?:connection option|URI query parameter):? "(\w+)"')


def complete(
    stored: Mapping[str, str], inherited: Mapping[str, str], root: Path, database: str
) -> dict[str, str]:
    """The environment that leads every program to the server that the user names.

    PGTRICKLE_DSN names it whole; else the variables PG… do, those of .env first. What neither
    says is filled in, so that dbt and libpq mean the same.

    Args:
        stored: the variables of .env.
        inherited: this process's environment.
        root: the project's folder, where relative names of certificates begin.
        database: the database, where none is named.

    Raises:
        UserError: (exit status 2) PGTRICKLE_DSN can't be read, or names several servers.
    """
    dsn = stored.get(VARIABLE) or inherited.get(VARIABLE)
    if dsn:
        stored = {k: v for k, v in stored.items() if not k.startswith("PG")} | parse(dsn)
    result = dict(inherited)
    if "PGHOST" in stored:
        result = {k: v for k, v in result.items() if k not in REDIRECTING}
    result |= stored
    result.pop(VARIABLE, None)
    if result.get("PGHOST"):
        defaults = {"PGPORT": "5432", "PGDATABASE": database, "PGUSER": getpass.getuser()}
        result |= {name: value for name, value in defaults.items() if not result.get(name)}
    for name in FILES:
        # `system` stands for the certificates of this machine.
        if result.get(name) and result[name] != "system":
            result[name] = str(root / Path(result[name]).expanduser())
    return result


def parse(dsn: str) -> dict[str, str]:
    """libpq's variables for a connection string, postgresql://… or key=value.

    Raises:
        UserError: (exit status 2) it can't be read, names several servers or none, or has an
            option that dbt can't be given.
    """
    import psycopg  # noqa: PLC0415 most tasks have no DSN to read
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415

    try:
        named = {key: str(value) for key, value in conninfo_to_dict(dsn).items()}
    except psycopg.Error as error:
        # The message itself may quote the password.
        unknown = _UNKNOWN.search(str(error))
        raise _refused(
            f"has an option '{unknown[1]}' that PostgreSQL doesn't know"
            if unknown
            else "is no connection string"
        ) from None
    variables = {
        option.keyword.decode(): option.envvar.decode()
        for option in psycopg.pq.Conninfo.get_defaults()
        if option.envvar
    }
    for key, value in named.items():
        if key not in variables:
            raise _refused(f"has the option '{key}', which can't be handed to dbt")
        if key in ("host", "port") and "," in value:
            raise _refused("names several servers; dbt connects to one")
        if key == "service":
            raise _refused("names a service; dbt needs host, port and database themselves")
    if not named.get("port", "5432").isdigit():
        raise _refused("has a port that is no number")
    if not named.get("host"):
        raise _refused("names no host")
    return {variables[key]: value for key, value in named.items()}


def _refused(why: str) -> UserError:
    return UserError(
        f"{VARIABLE} {why}.",
        "Write it as postgresql://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full "
        "or as host=… port=… user=… password=… dbname=… sslmode=….",
        2,
    )
