"""A pg_trickle that swaps the table when its query changes (0.93 and later): all is as before afterwards all the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.materialization.shop import (
    FILES,
    ORDERS,
    TOTALS_QUERY,
    contents,
    stream_table,
    stream_table_model,
)
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database

CHANGED = stream_table_model(TOTALS_QUERY.replace("group by", "where amount > 3 group by"))


@pytest.fixture
def project(database: Database, dbt_project: Callable[..., DbtProject]) -> DbtProject:
    if database.extension != "pg_trickle_lite":
        pytest.skip("the real extension behaves as its own version does")
    database.execute(ORDERS + Path(__file__).with_name("newer.sql").read_text())
    project = dbt_project(FILES)
    project.dbt("run")
    return project


def test_grants_comments_and_indexes_are_on_the_new_table(
    project: DbtProject, database: Database
) -> None:
    database.execute(
        "comment on table analytics.totals is 'by region'; comment on column analytics.totals.orders is 'how many';"
        "create index totals_orders on analytics.totals (orders); grant select on analytics.totals to pg_monitor"
    )
    before = stream_table(database)["pgt_relid"]
    project.write({"models/totals.sql": CHANGED})
    assert project.dbt("run").messages["totals"] == "ALTERED (query changed)"
    assert stream_table(database)["pgt_relid"] != before
    assert contents(database)[0] == ("region 0", 9, 30)
    assert database.value("select obj_description('analytics.totals'::regclass)") == "by region"
    assert database.value("select count(*) from pg_indexes where indexname = 'totals_orders'") == 1
    assert database.value("select has_table_privilege('pg_monitor', 'analytics.totals', 'select')")


def test_views_that_would_block_the_swap_come_back(project: DbtProject, database: Database) -> None:
    database.execute(
        "create view analytics.mine as select region, orders from analytics.totals;"
        "create view analytics.on_mine as select region from analytics.mine; grant select on analytics.mine to pg_monitor"
    )
    project.write({"models/totals.sql": CHANGED})
    assert project.dbt("run").messages["totals"] == "ALTERED (query changed)"
    assert database.value("select sum(orders) from analytics.mine") == 27
    assert database.value("select count(*) from analytics.on_mine") == 3
    assert database.value("select has_table_privilege('pg_monitor', 'analytics.mine', 'select')")


def test_settings_the_version_has_no_argument_for_are_left_out_with_a_warning(
    project: DbtProject, database: Database
) -> None:
    project.write(
        {
            "models/totals.sql": stream_table_model(
                TOTALS_QUERY, post_refresh_action="analyze", tier="warm"
            )
        }
    )
    for message in ("ALTERED (tier hot → warm)", "UNCHANGED"):
        result = project.dbt("run")
        assert "PGT006" in result.log
        assert "doesn't have post_refresh_action" in result.log
        assert result.messages["totals"] == message
    assert stream_table(database)["refresh_tier"] == "warm"


def test_the_plan_asks_explain_alter_where_it_exists(project: DbtProject) -> None:
    project.write({"models/totals.sql": CHANGED})
    log = project.dbt("run-operation", "pgtrickle_plan", "--args", '{"as_json": true}').log
    line = next(line for line in log.splitlines() if line.startswith("pgtrickle_plan "))
    (row,) = json.loads(line.removeprefix("pgtrickle_plan "))["results"]
    assert row["action"] == "alter_query"
    assert row["extension_says"]["classification"] == "rebuildable"


def test_an_error_cleared_without_a_refill_is_refilled(
    project: DbtProject, database: Database
) -> None:
    database.execute(
        "update pgtrickle.pgt_stream_tables set status = 'ERROR';"
        "insert into raw.orders values (100, 'region 0', 100)"
    )
    assert project.dbt("run").messages["totals"].startswith("REBOUND")
    assert contents(database)[0] == ("region 0", 11, 100)
