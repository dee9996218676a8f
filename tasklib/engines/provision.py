"""A database with its extension on a running server, and what can be read about both."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import sql

from tasklib.database import Connection
from tasklib.engines.base import STAND_IN
from tasklib.errors import UserError


@dataclass(frozen=True)
class Facts:
    """What a server says about itself; extension is empty where none is created."""

    server: str
    major: int
    extension: str
    extension_version: str

    @property
    def extension_text(self) -> str:
        """The extension with its version, the stand-in named as such."""
        text = f"{self.extension} {self.extension_version}".strip()
        if self.extension == STAND_IN:
            return f"{text} (the stand-in, not the real pg_trickle)"
        return text


def facts(connection: Connection) -> Facts:
    """Ask a server what it is."""
    row = connection.execute(
        """
        select current_setting('server_version') as server,
               current_setting('server_version_num')::int / 10000 as major,
               coalesce(e.extname, '') as extension,
               coalesce(e.extversion, '') as extension_version
          from (select) as nothing
          left join pg_extension e on e.extname in ('pg_trickle', 'pg_trickle_lite')
        """
    ).fetchone()
    assert row is not None  # noqa: S101 an outer join from one row
    return Facts(**row)


def create_database(connection: Connection, name: str) -> bool:
    """Create a database unless it exists; tell whether it had to be."""
    query = "select count(*) as found from pg_database where datname = %s"
    row = connection.execute(query, [name]).fetchone()
    if row and row["found"]:
        return False
    connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
    return True


def create_extension(connection: Connection, name: str) -> bool:
    """Create an extension unless it exists; tell whether it had to be.

    Raises:
        UserError: the other of the two extensions is there already.
    """
    found = facts(connection).extension
    if found == name:
        return False
    if found:
        raise UserError(
            f"The database has the extension {found}; this engine has {name}.",
            "Set another database in invoke.yaml (pgtrickle: database).",
        )
    connection.execute(sql.SQL("create extension {}").format(sql.Identifier(name)))
    return True
