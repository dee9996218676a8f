"""What is asked of a server before stream tables are built on it: each fault has its remedy."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from tasklib.base.findings import Finding
from tasklib.engines.external.checks import Wanted, examine
from tests.support import certificates
from tests.support.postgres import Database, Server, embedded_server, free_port
from tests.support.tls import tls
from tests.support.workspace import open_folder

MADE = """
create schema pgtrickle;
create table pgtrickle.pgt_stream_tables (pgt_id bigint);
create function pgtrickle.create_stream_table(name text, query text) returns void
  language sql as '';
"""
WANTED = Wanted("analytics", (("raw", "orders"),))


def look(environment: Mapping[str, str], wanted: Wanted = WANTED) -> dict[str, Finding]:
    """The findings by their subject."""
    return {found.subject: found for found in examine(environment, wanted)}


def errors(found: Mapping[str, Finding]) -> set[str]:
    return {name for name, finding in found.items() if finding.verdict == "error"}


@pytest.fixture
def role(database: Database) -> Iterator[dict[str, str]]:
    """The environment of a login role without any right."""
    name = f"Analyst {uuid.uuid4().hex[:8]}"
    database.execute("create schema raw; create table raw.orders (id int primary key)")
    with database.connect() as admin:
        admin.execute(
            sql.SQL("create role {} login password 'secret'").format(sql.Identifier(name))
        )
        yield {**database.env, "PGUSER": name, "PGPASSWORD": "secret"}
        admin.execute(sql.SQL("drop owned by {} cascade").format(sql.Identifier(name)))
        admin.execute(sql.SQL("drop role {}").format(sql.Identifier(name)))


def test_a_server_that_has_everything_has_no_error(database: Database) -> None:
    found = look(database.env)
    assert not errors(found)
    assert list(found)[:6] == [
        "reachable", "pooler", "PostgreSQL", "extension files", "preloaded", "extension",
    ]  # fmt: skip
    assert "direct connection" in found["pooler"].cause


def test_a_role_without_rights_is_told_grants_that_are_enough_and_no_more(
    database: Database, role: dict[str, str]
) -> None:
    first = look(role)["privileges"]
    assert first.verdict == "error"
    statements = first.remedy.splitlines()[1:]
    assert all(f'to "{role["PGUSER"]}";' in statement for statement in statements)
    database.execute("\n".join(statements))
    assert look(role)["privileges"].verdict == "ok"
    with psycopg.connect(**_arguments(role)) as connection:  # type: ignore[arg-type]
        connection.execute("create schema if not exists analytics")
        connection.execute(
            "select pgtrickle.create_stream_table("
            "  'analytics.ids', 'select id from raw.orders', '1h', 'FULL')"
        )
    for statement in statements:
        revoked = statement.replace("grant", "revoke", 1).replace(" to ", " from ")
        if "create on database" not in statement:
            database.execute(revoked)
            assert look(role)["privileges"].remedy.splitlines()[1:] == [statement]
            database.execute(statement)


def test_a_role_on_whose_source_anothers_stream_table_stands_is_told_what_is_enough(
    database: Database, role: dict[str, str]
) -> None:
    create = "select pgtrickle.create_stream_table('{}', 'select id from raw.orders', '1h')"
    database.execute(create.format("raw.first"))
    statements = look(role)["privileges"].remedy.splitlines()[1:]
    assert any(statement.startswith("alter function") for statement in statements)
    database.execute("\n".join(statements))
    assert look(role)["privileges"].verdict == "ok"
    with psycopg.connect(**_arguments(role)) as connection:  # type: ignore[arg-type]
        connection.execute("create schema if not exists analytics")
        connection.execute(create.format("analytics.second").encode())
        connection.execute("select pgtrickle.refresh_stream_table('analytics.second')")


def test_a_role_that_can_try_no_query_is_told_what_it_takes(
    database: Database, role: dict[str, str]
) -> None:
    database.execute("create schema analytics")
    database.execute("\n".join(look(role)["privileges"].remedy.splitlines()[1:]))
    told = look(role)["trials"]
    assert (told.verdict, "PGT066" in told.cause) == ("warn", True)
    database.execute(told.remedy.splitlines()[1])
    assert "trials" not in look(role)


def test_the_rights_are_only_asked_for(database: Database, role: dict[str, str]) -> None:
    before = database.value("select pg_postmaster_start_time()")
    look(role)
    assert database.value("select pg_postmaster_start_time()") == before
    assert database.value("select count(*) from pgtrickle.pgt_stream_tables") == 0


def test_a_database_without_the_extension_is_told_what_to_type(server: Server) -> None:
    found = look({**_environment(server), "PGDATABASE": "postgres"})
    assert errors(found) == {"extension"}
    assert found["extension"].remedy == f"As a superuser: create extension {server.extension};"


@pytest.mark.parametrize(
    ("changes", "cause", "remedy"),
    [
        ({"PGPASSWORD": "wrong"}, "password authentication failed", "the password is wrong"),
        ({"PGPASSWORD": ""}, "no password supplied", "the password is missing"),
        ({"PGDATABASE": "nowhere"}, "does not exist", "create database nowhere"),
        ({"PGHOST": "no-such-host.invalid"}, "resolve host", "no server has the name no-such-host"),
        ({"PGPORT": "1"}, "Connection refused", "nobody listens on port 1"),
        ({"PGSSLMODE": "require"}, "does not support SSL", "PGSSLMODE require insists"),
    ],
)
def test_a_server_that_cant_be_reached_is_told_with_its_cause(
    server: Server, changes: dict[str, str], cause: str, remedy: str
) -> None:
    found = look({**_environment(server), **changes})
    assert list(found) == ["reachable"]
    assert cause in found["reachable"].cause
    assert remedy in found["reachable"].remedy


@pytest.fixture(scope="module")
def strict() -> Iterator[Server]:
    """A server with few workers, and an extension of pg_trickle's name that isn't loaded."""
    settings = "max_worker_processes = 3\nshared_preload_libraries = 'auto_explain'"
    with open_folder() as folder:
        (folder / "extension").mkdir()
        (folder / "extension" / "pg_trickle.control").write_text("default_version = '0.67.0'\n")
        (folder / "extension" / "pg_trickle--0.67.0.sql").write_text(MADE)
        with embedded_server(free_port(), extensions=folder, settings=settings) as running:
            yield Server(running.params, "pg_trickle")


def test_a_server_without_the_library_few_workers_and_a_low_wal_level(strict: Server) -> None:
    with strict.database() as database:
        found = look(database.env, Wanted("analytics", (), {"wal": "daily_revenue"}))
        # Loaded, it would have a scheduler; without, that isn't looked at.
        assert errors(found) == {"preloaded", "worker processes", "wal_level"}
        assert "shared_preload_libraries = auto_explain, pg_trickle;" in found["preloaded"].remedy
        assert "max_worker_processes is 3" in found["worker processes"].cause
        assert "max_worker_processes = 32" in found["worker processes"].remedy
        assert "daily_revenue captures changes from the WAL" in found["wal_level"].cause
        assert "wal_level = logical" in found["wal_level"].remedy
        assert "synchronous_commit is off, not on" in found["setting"].cause
        assert "loses TRUNCATEs" in found["setting"].cause
        assert look(database.env)["wal_level"].verdict == "ok"


def test_tls_is_honoured_and_what_is_wrong_with_it_explained(
    server: Server, tmp_path: Path
) -> None:
    if not shutil.which("openssl"):
        pytest.skip("no openssl here to make certificates with")
    authority = certificates.authority(tmp_path, "our")
    other = certificates.authority(tmp_path, "another")
    with tls(server, *certificates.signed(tmp_path, "localhost", authority)) as port:
        full = {
            **_environment(server), "PGHOST": "localhost", "PGPORT": str(port),
            "PGSSLMODE": "verify-full", "PGSSLROOTCERT": str(authority),
        }  # fmt: skip
        assert "(TLS)" in look(full)["reachable"].cause
        for changes, cause, remedy in (
            ({"PGSSLROOTCERT": str(other)}, "verify failed", "authority that signed it"),
            ({"PGSSLROOTCERT": "/nowhere"}, "does not exist", "authority that signed it"),
            ({"PGHOST": "127.0.0.1"}, "does not match host name", "as its certificate does"),
        ):
            found = look({**full, **changes})
            assert cause in found["reachable"].cause
            assert remedy in found["reachable"].remedy


def test_another_version_of_postgresql_is_told() -> None:
    installed = sorted(Path("/usr/lib/postgresql").glob("1[0-7]/bin/initdb"))
    if not installed:
        pytest.skip("no older PostgreSQL is installed here (/usr/lib/postgresql)")
    with embedded_server(free_port(), programs=installed[-1].parent) as old:
        found = look(_environment(old))
    assert errors(found) == {"PostgreSQL"}
    assert "pg_trickle needs 18" in found["PostgreSQL"].cause


@pytest.mark.parametrize(("mode", "verdict"), [("transaction", "error"), ("session", "ok")])
def test_a_pooler_in_between_is_recognised(server: Server, mode: str, verdict: str) -> None:
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if not program:
        pytest.skip("PgBouncer is not installed here")
    with server.database() as database, pgbouncer(program, server, mode) as port:
        found = look({**database.env, "PGPORT": str(port)})
    assert found["pooler"].verdict == verdict
    if mode == "transaction":
        assert list(found)[-1] == "pooler"
        assert f"127.0.0.1:{server.params['port']}" in found["pooler"].remedy
    else:
        assert "session pooling" in found["pooler"].cause
        assert not errors(found)


@contextlib.contextmanager
def pgbouncer(program: str, server: Server, mode: str) -> Iterator[int]:
    """A PgBouncer in front of a server; gives its port."""
    port = free_port()
    with open_folder() as folder:
        users = folder / "users"
        users.write_text(f'"postgres" "{server.params["password"]}"\n')
        configuration = folder / "pgbouncer.ini"
        configuration.write_text(
            f"[databases]\n* = host=127.0.0.1 port={server.params['port']}\n[pgbouncer]\n"
            f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
            f"auth_type = trust\nauth_file = {users}\npool_mode = {mode}\n"
        )
        account = {"user": "nobody"} if os.geteuid() == 0 else {}
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                [program, str(configuration)], stdout=log, stderr=log, **account
            )
        try:
            deadline = time.monotonic() + 10
            while not _listens(port):
                said = (folder / "log").read_text()
                assert process.poll() is None and time.monotonic() < deadline, said
                time.sleep(0.02)
            yield port
        finally:
            process.terminate()
            process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _environment(server: Server) -> dict[str, str]:
    return Database(server.params, server.extension).env


def _arguments(environment: Mapping[str, str]) -> dict[str, object]:
    names = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password",
             "PGDATABASE": "dbname"}  # fmt: skip
    return {names[name]: value for name, value in environment.items()} | {"autocommit": True}


def test_that_a_source_keeps_its_columns_is_told_with_the_setting_that_frees_them(
    database: Database,
) -> None:
    database.execute(
        "create table orders (id int primary key); insert into orders values (1); "
        "select pgtrickle.create_stream_table('public.ids', 'select id from orders', '1d')"
    )
    told = look(database.env)["source DDL"].cause
    with pytest.raises(psycopg.Error, match="block_source_ddl"):
        database.execute("alter table orders add column note text")
    statement = told.split("session: ")[1]
    with database.connect() as connection:
        connection.execute(statement.encode())
        connection.execute("alter table orders add column note text")
