"""A database that was restored or cloned: its stream tables' entries point at the old one's tables."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tasklib.catalog.queries import render
from tests.materialization.shop import (
    FILES,
    IMMEDIATE,
    ORDERS,
    READS_TOTALS,
    contents,
    follows_its_source,
    refresh,
    stream_table,
    stream_table_model,
)
from tests.materialization.test_privileges import READ, WRITE, grant
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database, Server
from tests.support.restore import cloned, restored

Make = Callable[..., DbtProject]
MODELS = {
    **FILES,
    "models/more.sql": READS_TOTALS,
    "models/now.sql": IMMEDIATE,
    "models/held.sql": stream_table_model(
        "select id, region from {{ source('raw', 'orders') }}", status="PAUSED"
    ),
}  # fmt: skip
STRANGER = "create table raw.precious (id int); insert into raw.precious values (7)"


@pytest.fixture
def built(dbt_project: Make, database: Database) -> DbtProject:
    """The project, run once; a view and a grant on one of its stream tables."""
    database.execute(ORDERS)
    project = dbt_project(MODELS)
    project.dbt("run")
    database.execute(
        "create view analytics.shown as select region from analytics.totals; "
        "grant select on analytics.totals to pg_monitor"
    )
    return project


@pytest.fixture
def moved(built: DbtProject, server: Server, tmp_path: Path) -> Iterator[DbtProject]:
    """The project in the database that its dump was restored into."""
    with restored(server, built.database, tmp_path) as database:
        built.database = database
        yield built


def entries(database: Database) -> list[Any]:
    """Every entry's name, and whether its OID is the table of that name."""
    rows = database.query(
        "select pgt_name, pgt_relid = to_regclass(pgt_schema || '.' || pgt_name) as right "
        "from pgtrickle.pgt_stream_tables order by pgt_name"
    )
    return [tuple(row.values()) for row in rows]


def is_alive(database: Database) -> bool:
    """Whether all four models are, and take in what is written now."""
    assert entries(database) == [("held", True), ("more", True), ("now", True), ("totals", True)]
    assert stream_table(database, "held")["status"] == "SUSPENDED"
    assert follows_its_source(database)
    refresh(database, "analytics.more")
    regions = "select sum(orders * regions)::int from analytics.more"
    orders: int = database.value("select count(*)::int from raw.orders")
    seen = (database.value(regions), database.value("select count(*)::int from analytics.now"))
    return seen == (orders, orders)


def outcomes(project: DbtProject) -> set[str]:
    """What a run does to the models."""
    messages = project.dbt("run").messages
    return {messages[name] for name in ("totals", "more", "now", "held")}


@pytest.mark.parametrize("flags", [[], ["--full-refresh"]])
def test_a_run_builds_everything_again(moved: DbtProject, flags: list[str]) -> None:
    moved.database.execute("insert into raw.orders values (1000, 'region 0', 5)")
    result = moved.dbt("run", *flags)
    assert result.messages["totals"].startswith("REPLACE")
    assert "as in a restored database" in result.log or flags
    assert contents(moved.database)[0] == ("region 0", 11, 30)
    assert is_alive(moved.database)
    assert outcomes(moved) == {"UNCHANGED"}


def test_what_stands_on_it_and_its_grants_are_there_after_the_run(moved: DbtProject) -> None:
    moved.dbt("run")
    assert moved.database.value("select count(*) from analytics.shown") == 3
    assert moved.database.value(
        "select has_table_privilege('pg_monitor', 'analytics.totals', 'select')"
    )


def test_the_plan_says_so_and_changes_nothing(moved: DbtProject) -> None:
    before = entries(moved.database)
    log = moved.dbt("run-operation", "pgtrickle_plan").log
    assert (
        "REPLACE analytics.totals: its entry doesn't point at it, as in a restored database" in log
    )
    assert entries(moved.database) == before


def test_nothing_of_the_old_capture_is_left(moved: DbtProject) -> None:
    moved.dbt("run")
    ids = moved.database.query(
        "select pgt_id from pgtrickle.pgt_stream_tables where pgt_name = 'now'"
    )
    triggers = moved.database.query(
        "select tgname from pg_trigger where tgname like 'pgt\\_ivm\\_after\\_ins\\_%%'"
    )
    assert [row["tgname"] for row in triggers] == [f"pgt_ivm_after_ins_{ids[0]['pgt_id']}"]


def test_capture_that_two_tables_shared_is_no_obstacle(
    built: DbtProject, server: Server, tmp_path: Path
) -> None:
    """One took the other's former name, after which pg_trickle names a buffer."""
    goods = "create table raw.goods (id int primary key);"
    for table in ("before", "after"):
        built.database.execute(goods)
        built.database.execute(
            f"select pgtrickle.create_stream_table('raw.{table}', 'select id from raw.goods', '1h')"
        )
        built.database.execute(f"alter table raw.goods rename to goods_{table}")
    with restored(server, built.database, tmp_path) as database:
        built.database = database
        built.dbt("run")
        assert follows_its_source(database)
        built.database.execute("insert into raw.goods_before values (1)")


def test_a_role_that_cant_take_its_triggers_from_the_source_drops_nothing(
    moved: DbtProject,
) -> None:
    """They call for the entry at each write: pg_trickle 0.67.0 fails every one without it."""
    database, role = moved.database, f"walker_{uuid.uuid4().hex[:8]}"
    database.execute(f"create role {role}; alter table analytics.now owner to {role}")
    grant(database, role, *READ, *WRITE, "grant usage, create on schema analytics to {role}")
    pgt_id = stream_table_id(database, "now")
    drop = f"do $$ begin {render('pgtrickle__drop_entry', pgt_id=pgt_id)} end $$"
    try:
        with database.connect() as connection:
            connection.execute(f"set role {role}".encode())
            with pytest.raises(psycopg.Error, match=r"must be owner of raw\.orders"):
                connection.execute(drop.encode())
        assert stream_table_id(database, "now") == pgt_id
        database.execute(drop)
        database.execute("insert into raw.orders values (1000, 'region 0', 5)")
    finally:
        database.execute(f"drop owned by {role}; drop role {role}")


def stream_table_id(database: Database, name: str) -> Any:
    return database.value(
        "select pgt_id from pgtrickle.pgt_stream_tables where pgt_name = %s", name
    )


@pytest.mark.parametrize("whose", ["raw.precious", "analytics.more"])
def test_an_oid_that_is_anothers_table_here_counts_as_nobodys(
    moved: DbtProject, whose: str
) -> None:
    moved.database.execute(STRANGER)
    moved.database.query(
        "update pgtrickle.pgt_stream_tables set pgt_relid = %s::regclass where pgt_name = 'totals'",
        whose,
    )
    moved.dbt("run")
    assert is_alive(moved.database)
    assert moved.database.query("table raw.precious") == [{"id": 7}]


def test_the_operation_drops_entries_and_never_anothers_table(moved: DbtProject) -> None:
    moved.database.execute(STRANGER)
    moved.database.execute(
        "update pgtrickle.pgt_stream_tables set pgt_relid = 'raw.precious'::regclass "
        "where pgt_name = 'totals'"
    )
    moved.dbt("run-operation", "drop_all_stream_tables_force")
    assert entries(moved.database) == []
    assert moved.database.query("table raw.precious") == [{"id": 7}]
    moved.database.execute("insert into raw.orders values (1000, 'region 0', 5)")
    moved.dbt("run")
    assert is_alive(moved.database)


def test_a_table_of_its_name_that_is_not_its_own_stays_when_the_entry_is_dropped(
    moved: DbtProject,
) -> None:
    moved.database.execute(
        "drop table analytics.totals cascade; "
        "create table analytics.totals as select 1 as __pgt_row_id, 'precious' as told"
    )
    moved.dbt("run-operation", "drop_all_stream_tables_force")
    assert entries(moved.database) == []
    assert moved.database.value("select told from analytics.totals") == "precious"


def test_a_clone_goes_on(built: DbtProject, server: Server) -> None:
    with cloned(server, built.database) as database:
        built.database = database
        # dbt writes the database's name into every query, but for what * of a stream table stands for
        assert outcomes(built) == {"ALTERED (query changed)", "UNCHANGED"}
        assert outcomes(built) == {"UNCHANGED"}
        assert is_alive(database)
