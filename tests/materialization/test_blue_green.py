"""Blue/green: built in a schema of its own, then swapped with the one that is read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.materialization.shop import (
    FILES,
    IMMEDIATE,
    ORDERS,
    READS_TOTALS,
    TOTALS_QUERY,
    refresh,
    stream_table_model,
)
from tests.materialization.test_renamed import names, use_schema
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database

SWAP = "alter schema analytics rename to former; alter schema green rename to analytics"
BACK = "alter schema analytics rename to green; alter schema former rename to analytics"
NEW_ORDER = "insert into raw.orders select max(id) + 1, 'region 0', 25 from raw.orders"
MODELS = {
    **FILES,
    "models/more.sql": READS_TOTALS,
    "models/now.sql": IMMEDIATE,
}
# what green does otherwise than blue
CHANGED = stream_table_model(TOTALS_QUERY.replace("max(amount)", "min(amount)"))


@pytest.fixture
def swapped(database: Database, dbt_project: Callable[..., DbtProject]) -> DbtProject:
    """The project after green, which was built of changed models, took blue's place."""
    database.execute(ORDERS)
    project = dbt_project(MODELS)
    project.dbt("run")
    project.write({"models/totals.sql": CHANGED})
    use_schema(project, "green")
    project.dbt("run")
    assert len(names(database)) == 6
    use_schema(project, "analytics")
    database.execute(SWAP)
    return project


def is_alive(database: Database, schema: str, least: int) -> bool:
    """Whether totals of a schema, what reads it, and what is kept at every write, take in an order."""
    database.execute(NEW_ORDER)
    refresh(database, f"{schema}.totals")
    refresh(database, f"{schema}.more")
    orders = database.value("select count(*)::int from raw.orders")
    return database.query(
        f"select (select sum(orders)::int from {schema}.totals) as totals, "
        f"(select sum(orders * regions)::int from {schema}.more) as more, "
        f"(select count(*)::int from {schema}.now) as now, "
        f"(select min(largest) from {schema}.totals) as least"
    ) == [{"totals": orders, "more": orders, "now": orders, "least": least}]


def test_a_run_after_the_swap_keeps_green_in_its_new_place(
    swapped: DbtProject, database: Database
) -> None:
    swapped.dbt("run")
    ours = [name for name in names(database) if name.startswith("analytics.")]
    assert ours == ["analytics.more", "analytics.now", "analytics.totals"]
    assert is_alive(database, "analytics", least=1)
    messages = swapped.dbt("run").messages
    assert {messages[name] for name in ("totals", "more", "now")} == {"UNCHANGED"}


def test_what_was_there_before_goes_on_in_its_own(swapped: DbtProject, database: Database) -> None:
    swapped.dbt("run")
    assert "former.totals" in names(database)
    database.execute(NEW_ORDER)
    refresh(database, "former.totals")
    assert database.query(
        "select sum(orders)::int as orders, min(largest) as largest from former.totals"
    ) == [{"orders": 31, "largest": 28}]
    assert database.value("select min(largest) from analytics.totals") == 1


def test_the_former_is_pruned_and_the_present_stays(
    swapped: DbtProject, database: Database
) -> None:
    swapped.dbt("run")
    log = swapped.dbt("run-operation", "pgtrickle_prune", "--args", "{drop: true}").log
    assert "dropped former.totals" in log
    database.execute("drop schema former cascade")
    assert names(database) == ["analytics.more", "analytics.now", "analytics.totals"]
    assert is_alive(database, "analytics", least=1)


def test_the_way_back_is_another_swap(swapped: DbtProject, database: Database) -> None:
    swapped.dbt("run")
    database.execute(BACK)
    swapped.write({"models/totals.sql": FILES["models/totals.sql"]})
    swapped.dbt("run")
    assert is_alive(database, "analytics", least=28)


def test_another_green_with_tables_of_the_firsts_names_is_captured_by_itself(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    """pg_trickle 0.67.0 names a buffer after what its table was called at first."""
    database.execute(ORDERS)
    table = "{{ config(materialized='incremental') }} select id, amount from {{ source('raw', 'orders') }}"
    sums = stream_table_model("select sum(amount)::int as total from {{ ref('kept') }}")
    project = dbt_project(FILES | {"models/kept.sql": table, "models/sums.sql": sums})
    project.dbt("run")
    use_schema(project, "green")
    project.dbt("run")
    database.execute(SWAP)
    use_schema(project, "analytics")
    project.dbt("run")
    use_schema(project, "green")
    project.dbt("run")
    for schema, id_, amount in (
        ("analytics", 1000, 7),
        ("green", 1000, 11),
        ("analytics", 1001, 2),
    ):
        database.execute(f"insert into {schema}.kept values ({id_}, {amount})")
    for schema in ("analytics", "green"):
        refresh(database, f"{schema}.sums")
        kept = database.value(f"select sum(amount)::int from {schema}.kept")
        assert database.value(f"select total from {schema}.sums") == kept
    names_of_buffers = "select source_stable_name from pgtrickle.pgt_change_tracking"
    found = [row["source_stable_name"] for row in database.query(names_of_buffers)]
    assert len(found) == len(set(found))
    assert project.dbt("run").messages["sums"] == "UNCHANGED"
