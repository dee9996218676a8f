"""PGTRICKLE_DSN: one line in .env names the external server, for the tasks and for dbt."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tasklib.base import dsn
from tasklib.base.errors import UserError
from tests.support import certificates
from tests.support.postgres import Server
from tests.support.tls import tls
from tests.support.workspace import Workspace


def complete(stored: dict[str, str], **inherited: str) -> dict[str, str]:
    return dsn.complete(stored, inherited, Path("/project"), "shop")


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://me:p%40ss@db.example.com:6432/shop?sslmode=verify-full&sslrootcert=ca.pem",
        "host=db.example.com port=6432 user=me password=p@ss dbname=shop sslmode=verify-full "
        "sslrootcert=ca.pem",
    ],
)
def test_both_forms_become_the_same_variables(text: str) -> None:
    assert complete({"PGTRICKLE_DSN": text}) == {
        "PGHOST": "db.example.com", "PGPORT": "6432", "PGUSER": "me", "PGPASSWORD": "p@ss",
        "PGDATABASE": "shop", "PGSSLMODE": "verify-full", "PGSSLROOTCERT": "/project/ca.pem",
    }  # fmt: skip


def test_it_counts_before_every_other_name_of_a_server() -> None:
    found = complete(
        {"PGTRICKLE_DSN": "host=mine user=me", "PGHOST": "127.0.0.1", "PGPASSWORD": "another's"},
        PGHOSTADDR="10.0.0.1", PGPORT="7", PGPASSWORD="from the environment", PGSSLMODE="require",
    )  # fmt: skip
    assert (found["PGHOST"], found["PGPASSWORD"]) == ("mine", "from the environment")
    assert "PGHOSTADDR" not in found
    # What protects the connection stays.
    assert found["PGSSLMODE"] == "require"


def test_what_is_not_said_is_filled_in_since_dbt_and_libpq_have_other_defaults() -> None:
    found = complete({"PGTRICKLE_DSN": "postgresql://me@db"})
    assert (found["PGPORT"], found["PGDATABASE"]) == ("5432", "shop")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("secret-without-a-form", "is no connection string"),
        ("postgresql://me:secret@db:port:4/x", "a port that is no number"),
        ("host=a,b password=secret", "several servers"),
        ("postgresql://me:secret@db/x?colour=red", "option 'colour'"),
        ("host=db password=secret keepalives=1", "'keepalives', which can't be handed to dbt"),
        ("dbname=x password=secret", "names no host"),
        ("service=shop password=secret", "names a service"),
    ],
)
def test_what_cant_be_used_is_refused_without_showing_the_password(text: str, cause: str) -> None:
    with pytest.raises(UserError, match=cause) as refused:
        complete({"PGTRICKLE_DSN": text})
    assert refused.value.exit_code == 2
    assert "secret" not in str(refused.value)
    assert "postgresql://USER:PASSWORD@HOST:PORT/DATABASE" in refused.value.remedy


def test_the_engines_change_by_one_word_and_each_keeps_its_own_connection(
    project: Workspace, server: Server
) -> None:
    project.invoke("up")
    project.query("create table kept as select 42 as answer")
    params = server.params
    with server.database() as database:
        url = (
            f"postgresql://{params['user']}:{params['password']}@127.0.0.1:{params['port']}"
            f"/{database.params['dbname']}"
        )
        with (project.root / ".env").open("a") as env:
            env.write(f"PGTRICKLE_DSN={url}\n")
        # The engine in use isn't led astray by it.
        assert "42" in project.invoke("psql", "--", "-Atc", "select answer from kept")
        output = project.invoke("up", "--engine", "external")
        assert f"127.0.0.1:{params['port']}/{database.params['dbname']}" in output
        assert params["password"] not in output
        name = project.invoke("psql", "--", "-Atc", "select current_database()")
        assert name.strip() == database.params["dbname"]
        project.invoke("up", "--engine", "embedded")
        assert "42" in project.invoke("psql", "--", "-Atc", "select answer from kept")


def test_dbt_connects_with_the_same_tls_as_the_tasks(
    project: Workspace, server: Server, tmp_path: Path
) -> None:
    authority = certificates.authority(tmp_path, "our")
    project.write_profiles()
    with (
        server.database() as database,
        tls(server, *certificates.signed(tmp_path, "localhost", authority)) as port,
    ):
        env = (
            f"PGTRICKLE_DSN='host=localhost port={port} user={database.params['user']} "
            f"password={database.params['password']} dbname={database.params['dbname']} "
            "sslmode=verify-full sslrootcert={}'\n"
        )
        (project.root / "ca.pem").write_bytes(authority.read_bytes())
        (project.root / ".env").write_text(env.format("ca.pem"))
        project.invoke("up", "--engine", "external")
        output = project.invoke("dbt", "--", "debug", "--connection", cwd=project.root / "models")
        assert re.search(r"sslmode: verify-full", output)
        assert re.search(r"sslrootcert: \S+ca\.pem", output)
        assert "All checks passed" in output
        another = certificates.authority(tmp_path, "another")
        (project.root / "ca.pem").write_bytes(another.read_bytes())
        output = project.invoke("dbt", "--", "debug", "--connection", status=1)
        assert "certificate verify failed" in output
        assert "authority that signed it" in project.invoke("up", status=2)
