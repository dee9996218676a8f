"""A role that lacks rights is told which, before anything is sent: the real extension aborts the server otherwise."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable, Iterator

import pytest
from psycopg import sql

from tasklib.catalog.queries import render
from tests.materialization.shop import (
    FILES,
    IMMEDIATE,
    ORDERS,
    SOURCES,
    stream_table,
    stream_table_model,
)
from tests.support.dbt_project import DbtProject
from tests.support.postgres import STAND_IN, Database


@pytest.fixture
def role(database: Database) -> Iterator[str]:
    """A login role that owns the schema analytics and nothing else."""
    name = f"analyst_{uuid.uuid4().hex[:8]}"
    with database.connect() as admin:
        admin.execute(
            sql.SQL("create role {} login password 'secret'").format(sql.Identifier(name))
        )
        admin.execute(
            sql.SQL("create schema analytics authorization {}").format(sql.Identifier(name))
        )
        yield name
        admin.execute(sql.SQL("drop owned by {} cascade").format(sql.Identifier(name)))
        admin.execute(sql.SQL("drop role {}").format(sql.Identifier(name)))


@pytest.fixture
def project(database: Database, dbt_project: Callable[..., DbtProject], role: str) -> DbtProject:
    database.execute(ORDERS)
    project = dbt_project(FILES)
    project.database = dataclasses.replace(
        database, params={**database.params, "user": role, "password": "secret"}
    )
    return project


def grant(database: Database, role: str, *statements: str) -> None:
    written = sql.SQL(database.value(f"select {render('pgtrickle__write_grant')}"))
    with database.connect() as admin:
        for statement in statements:
            text = sql.SQL(statement)  # type: ignore[arg-type]
            admin.execute(text.format(role=sql.Identifier(role), written=written))


READ = (
    "grant usage on schema pgtrickle to {role}",
    "grant select on all tables in schema pgtrickle to {role}",
)
WRITE = (
    "grant usage on schema raw to {role}",
    "grant select, trigger on raw.orders to {role}",
    "grant {written} to {role}",
    "grant usage on all sequences in schema pgtrickle to {role}",
    "grant usage, create on schema pgtrickle_changes to {role}",
)


def test_a_role_that_cant_read_the_catalog_is_told(project: DbtProject, role: str) -> None:
    result = project.dbt("run", check=False)
    assert "PGT011" in result.log
    assert f'grant usage on schema pgtrickle to "{role}"' in result.log


def test_what_is_no_stream_table_is_told_it_too_where_it_needs_the_catalog(
    project: DbtProject, role: str
) -> None:
    key = "{{ config(post_hook=\"{{ pgtrickle_primary_key('id') }}\") }}"
    project.write({"models/keyed.sql": f"{key} select 1 as id"})
    project.configure(**{"on-run-end": ["{{ pgtrickle_rebind() }}"]})
    result = project.dbt("run", "--select", "keyed", check=False)
    told = f"the role {role} can't read pg_trickle's catalog."
    assert f"[PGT011] keyed: {told}" in result.log
    assert f"[PGT011] shop-on-run-end-0: {told}" in result.log
    assert "permission denied" not in result.log


def test_a_role_that_may_not_have_refreshes_wait_is_told_who_may(
    project: DbtProject, database: Database, role: str
) -> None:
    grant(database, role, *READ, *WRITE)
    result = project.dbt("run-operation", "pgtrickle_wait_for_writers", check=False)
    assert not result.success
    assert f"the role {role} may not make triggers on the catalog of pg_trickle" in result.log
    assert "Run it with a superuser's name and password in .env" in result.log
    assert "permission denied" not in result.log


def test_a_role_that_cant_write_the_catalog_is_told_and_the_server_lives(
    project: DbtProject, database: Database, role: str
) -> None:
    grant(database, role, *READ, *WRITE[:2])
    with database.connect() as bystander:
        result = project.dbt("run", check=False)
        assert "PGT013" in result.log
        assert "grant insert, update, delete on pgtrickle.pgt_change_tracking, " in result.log
        assert "whom you trust as a superuser" in result.log
        assert bystander.execute("select 1 as alive").fetchone() == {"alive": 1}


def test_a_role_that_cant_capture_a_source_is_told_which(
    project: DbtProject, database: Database, role: str
) -> None:
    grant(database, role, *READ, *WRITE)
    grant(database, role, "revoke trigger on raw.orders from {role}")
    result = project.dbt("run", check=False)
    assert f"run: grant select, trigger on raw.orders to {role};" in result.log
    planned = project.dbt("run-operation", "pgtrickle_plan").log
    assert "REFUSED analytics.totals: [PGT013]" in planned
    assert "grant select, trigger on raw.orders" in planned


def test_a_source_without_rights_is_told_of_in_a_run_that_has_them_on_another(
    project: DbtProject, database: Database, role: str
) -> None:
    database.execute("create table raw.lines (id int primary key)")
    project.write(
        {
            "models/sources.yml": SOURCES.replace(
                "{name: orders}", "{name: orders}, {name: lines}"
            ),
            "models/lines.sql": stream_table_model("select id from {{ source('raw', 'lines') }}"),
            "models/too.sql": FILES["models/totals.sql"],
        }
    )
    grant(database, role, *READ, *WRITE)
    result = project.dbt("run", "--threads", "1", check=False)
    assert (result.messages["too"], result.messages["totals"]) == ("CREATED", "CREATED")
    assert "grant select, trigger on raw.lines" in result.log


def test_the_grants_it_names_are_enough(project: DbtProject, database: Database, role: str) -> None:
    grant(database, role, *READ, *WRITE)
    project.dbt("run")
    assert stream_table(database)["status"] == "ACTIVE"
    assert project.dbt("run").messages["totals"] == "UNCHANGED"


def test_a_role_on_whose_source_anothers_stream_table_stands_is_told_what_is_enough(
    project: DbtProject, database: Database, role: str
) -> None:
    grant(database, role, *READ, *WRITE)
    database.execute(
        "select pgtrickle.create_stream_table('raw.first', 'select id from raw.orders', '1h')"
    )
    (told,) = (
        line
        for line in project.dbt("run", check=False).log.splitlines()
        if "alter function" in line
    )
    assert f"owner to {role}" in told
    database.execute(told.partition("Have a superuser run: ")[2])
    project.dbt("run")
    assert stream_table(database)["status"] == "ACTIVE"


def test_a_role_that_cant_keep_an_immediate_one_is_told_what_is_enough(
    project: DbtProject, database: Database, role: str
) -> None:
    if database.extension == STAND_IN:
        pytest.skip("it makes no functions of its own for one")
    grant(database, role, *READ, *WRITE)
    project.write({"models/totals.sql": IMMEDIATE})
    log = project.dbt("run", check=False).log
    assert f"grant create on schema pgtrickle to {role}" in log
    grant(database, role, "grant create on schema pgtrickle to {role}")
    project.dbt("run")
    database.execute("insert into raw.orders values (1000, 'region 0', 5)")
    assert database.value("select count(*) from analytics.totals") == 31


def test_another_roles_stream_table_is_not_touched(
    project: DbtProject, database: Database, role: str
) -> None:
    grant(database, role, *READ, *WRITE)
    project.dbt("run")
    owner = database.params["user"]
    with database.connect() as admin:
        admin.execute(
            sql.SQL("alter table analytics.totals owner to {}").format(sql.Identifier(owner))
        )
        admin.execute(
            sql.SQL("grant select on analytics.totals to {}").format(sql.Identifier(role))
        )
    before = stream_table(database)
    result = project.dbt("run", "--full-refresh", check=False)
    assert "PGT014" in result.log
    planned = project.dbt("run-operation", "pgtrickle_plan", "--args", "{full_refresh: true}").log
    assert "REFUSED analytics.totals: [PGT014]" in planned
    assert stream_table(database) == before


def test_a_database_without_the_extension_is_told(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    database.execute(f"{ORDERS} drop extension {database.extension} cascade")
    result = dbt_project(FILES).dbt("run", check=False)
    assert "PGT010" in result.log
    assert "invoke up" in result.log
