"""dbt works as an ordinary role on the servers that we make; the superuser is the engine's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tasklib.base import env_file
from tests.faults.intruder import intruder_in
from tests.support.postgres import Database
from tests.support.workspace import Workspace, workspace

OWNED = "select tableowner from pg_tables where schemaname = 'analytics' and tablename = 'totals'"
SOURCE = """
create schema raw; create table raw.orders (id int primary key, amount int);
create view raw.large as select * from raw.orders where amount > 1;
create type raw.colour as enum ('red'); create sequence raw.numbers;
insert into raw.orders values (1, 10), (2, 20);
"""
CREATE = "select pgtrickle.create_stream_table('analytics.{}', '{}', '1s', '{}')"
SUMS = "select amount, count(*) as orders from raw.orders group by amount"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Workspace]:
    settings = {"engine": "embedded", "extension": "pg_trickle_lite"}
    with workspace(tmp_path / "shop", settings=settings) as made:
        made.write_profiles()
        yield made


def as_an_earlier_template_had_it(project: Workspace) -> None:
    """A .env with the superuser alone."""
    (project.root / ".env").write_text("PGUSER=postgres\n")


def test_up_makes_an_ordinary_role_that_owns_the_database_and_builds_stream_tables(
    project: Workspace,
) -> None:
    assert "made the role dbt for dbt, which is no superuser" in project.invoke("up")
    env = project.env()
    assert env["PGUSER"] == "dbt"
    assert env["PGPASSWORD"] != env["PGTRICKLE_SUPERUSER_PASSWORD"]
    (role,) = project.query("select * from pg_roles where rolname = current_user")
    rights = ("rolsuper", "rolcreaterole", "rolcreatedb", "rolreplication", "rolbypassrls")
    assert not [right for right in rights if role[right]]
    (database,) = project.query(
        "select datdba::regrole::text as owner from pg_database where datname = current_database()"
    )
    assert database["owner"] == "dbt"
    project.query(f"{SOURCE} create schema analytics")
    for mode in ("DIFFERENTIAL", "IMMEDIATE"):
        project.query(CREATE.format(mode.lower(), SUMS, mode))
    project.query("insert into raw.orders values (3, 10); truncate raw.orders")
    project.query("select pgtrickle.drop_stream_table('analytics.immediate')")
    assert "It ran already; nothing was changed." in project.invoke("up")


def test_up_runs_no_function_of_a_schema_called_like_one_of_its_roles(project: Workspace) -> None:
    project.invoke("up")
    project.query("create schema analytics; grant create on database shop to public")
    database = Database(
        {
            "host": "127.0.0.1", "port": str(project.port), "dbname": "shop",
            **{"user": "postgres", "password": project.env()["PGTRICKLE_SUPERUSER_PASSWORD"]},
        },
        "pg_trickle_lite",
    )  # fmt: skip
    database.execute("create schema shop; create table shop.orders (id int primary key)")
    with intruder_in(database) as intruder:
        for role in ("postgres", "dbt"):
            intruder.shadow(role)
        for task in (["up"], ["status"], ["doctor"], ["upgrade", "--yes"]):
            project.invoke(*task)
            assert intruder.got_in() == [], task
        project.invoke("down")
        project.invoke("up")
        assert intruder.got_in() == []


def test_nothing_that_a_task_starts_gets_the_superusers_password(project: Workspace) -> None:
    project.invoke("up")
    secret = project.env()["PGTRICKLE_SUPERUSER_PASSWORD"]
    assert secret not in project.invoke("env")
    assert "PGTRICKLE_SUPERUSER" not in project.invoke("env")
    asked = ("psql", "--", "-Atc", "select current_user")
    assert project.invoke(*asked).strip() == "dbt"
    assert project.invoke("psql", "--superuser", *asked[1:]).strip() == "postgres"
    for log in project.state.glob("*.log"):
        assert secret not in log.read_text(errors="replace")
        assert project.env()["PGPASSWORD"] not in log.read_text(errors="replace")


def test_the_project_of_an_earlier_template_keeps_the_superuser_and_doctor_tells_how_to_change(
    project: Workspace,
) -> None:
    as_an_earlier_template_had_it(project)
    project.invoke("up")
    env = project.env()
    assert env["PGUSER"] == "postgres"
    assert "PGTRICKLE_SUPERUSER_PASSWORD" not in env
    project.query(f"{SOURCE} create schema analytics")
    project.query(CREATE.format("totals", SUMS, "DIFFERENTIAL"))
    project.query(CREATE.format("at_once", "select id from raw.orders", "IMMEDIATE"))
    assert "It ran already; nothing was changed." in project.invoke("up")
    told = " ".join(project.invoke("doctor").split())
    assert "everyday role: Write PGUSER=dbt into .env and run `invoke up`" in told
    env_file.update(project.root / ".env", {"PGUSER": "dbt"})
    assert "gave it" in project.invoke("up")
    assert project.query(OWNED) == [{"tableowner": "dbt"}]
    env = project.env()
    assert env["PGPASSWORD"] != env["PGTRICKLE_SUPERUSER_PASSWORD"]
    project.query("insert into raw.orders values (3, 30); update raw.large set amount = amount + 1")
    project.query("select pgtrickle.refresh_stream_table('analytics.totals')")
    assert project.query("select amount from analytics.totals order by 1") == [
        {"amount": 11}, {"amount": 21}, {"amount": 31},
    ]  # fmt: skip
    assert project.query("select count(*) from analytics.at_once") == [{"count": 3}]
    for name in ("totals", "at_once"):
        project.query(f"select pgtrickle.drop_stream_table('analytics.{name}')")
    assert project.query("drop schema raw cascade; select 1 as done") == []
    assert "everyday role" not in project.invoke("doctor").partition("to do:")[2]


def test_a_lost_or_wrong_password_of_either_role_is_had_again(project: Workspace) -> None:
    project.invoke("up")
    env_file.update(project.root / ".env", {"PGPASSWORD": "forgotten"})
    project.invoke("up")
    assert project.query("select current_user as me") == [{"me": "dbt"}]
    project.invoke("down")
    lines = (project.root / ".env").read_text().splitlines()
    kept = [line for line in lines if "PASSWORD" not in line]
    (project.root / ".env").write_text("\n".join(kept) + "\n")
    project.invoke("up")
    assert project.query("select current_user as me") == [{"me": "dbt"}]
