"""What stands on a stream table that is rebuilt: dbt's own come along, others are named, or the model fails."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.materialization.shop import (
    FILES,
    ORDERS,
    TOTALS_QUERY,
    contents,
    follows_its_source,
    refresh,
    stream_table,
    stream_table_model,
)
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database

DOWNSTREAM = stream_table_model(
    "select region, orders from {{ ref('totals') }} where orders > 1",
    schedule="5m",
    refresh_mode="FULL",
)
WIDER = TOTALS_QUERY.replace("max(amount)", "min(amount) as smallest, max(amount)")
NARROWER = TOTALS_QUERY.replace("count(*) as orders, ", "")


@pytest.fixture
def project(database: Database, dbt_project: Callable[..., DbtProject]) -> DbtProject:
    database.execute(ORDERS)
    project = dbt_project({**FILES, "models/downstream.sql": DOWNSTREAM})
    project.dbt("run")
    return project


def change(project: DbtProject, query: str, **config: object) -> None:
    project.write({"models/totals.sql": stream_table_model(query, **config)})


def test_stream_tables_on_it_come_back_as_they_were_although_not_selected(
    project: DbtProject, database: Database
) -> None:
    database.execute(
        "grant select on analytics.downstream to pg_monitor; comment on table analytics.downstream is 'mine'"
    )
    before = stream_table(database, "downstream")
    change(project, WIDER)
    assert project.dbt("run", "--select", "totals").messages["totals"].startswith("REPLACED")
    after = stream_table(database, "downstream")
    kept = ["schedule", "refresh_mode", "status", "is_populated", "defining_query"]
    assert {key: after[key] for key in kept} == {key: before[key] for key in kept}
    assert database.value(
        "select has_table_privilege('pg_monitor', 'analytics.downstream', 'select')"
    )
    assert database.value("select obj_description('analytics.downstream'::regclass)") == "mine"
    assert follows_its_source(database)
    refresh(database, "analytics.downstream")
    assert contents(database, "downstream", "region, orders")[0] == ("region 0", 11)


def test_a_view_of_somebody_is_named_and_comes_back(
    project: DbtProject, database: Database
) -> None:
    database.execute(
        "create view analytics.mine as select region, orders from analytics.totals;"
        "create view analytics.on_mine as select region from analytics.mine;"
        "grant select on analytics.mine to pg_monitor"
    )
    change(project, WIDER)
    result = project.dbt("run", "--select", "totals")
    assert "PGT032" in result.log
    assert "view analytics.mine, view analytics.on_mine" in result.log
    assert database.value("select count(*) from analytics.on_mine") == 3
    assert database.value("select has_table_privilege('pg_monitor', 'analytics.mine', 'select')")


def test_a_view_of_somebody_that_needs_a_lost_column_goes_and_its_definition_is_told(
    project: DbtProject, database: Database
) -> None:
    project.write(
        {"models/downstream.sql": stream_table_model("select region from {{ ref('totals') }}")}
    )
    project.dbt("run")
    database.execute("create view analytics.mine as select orders from analytics.totals")
    change(project, NARROWER)
    result = project.dbt("run", "--select", "totals")
    assert "PGT034" in result.log
    assert "SELECT orders" in result.log
    assert database.value("select to_regclass('analytics.mine') is null")


def test_on_dependents_fail_keeps_everything(project: DbtProject, database: Database) -> None:
    database.execute("create view analytics.mine as select region, orders from analytics.totals")
    before = stream_table(database)
    change(project, WIDER, on_dependents="fail")
    result = project.dbt("run", "--select", "totals", check=False)
    assert "PGT032" in result.log
    assert "analytics.mine" in result.log
    assert stream_table(database) == before


def test_a_managed_dependent_that_breaks_must_be_selected_too(
    project: DbtProject, database: Database
) -> None:
    before = stream_table(database)
    change(project, NARROWER)
    result = project.dbt("run", "--select", "totals", check=False)
    assert "PGT033" in result.log
    assert "dbt run --select totals+" in result.log
    assert stream_table(database) == before
    assert stream_table(database, "downstream")["status"] == "ACTIVE"


def test_a_managed_dependent_that_breaks_is_rebuilt_later_in_the_same_run(
    project: DbtProject, database: Database
) -> None:
    change(project, NARROWER)
    project.write(
        {
            "models/downstream.sql": stream_table_model(
                "select region, largest from {{ ref('totals') }}"
            )
        }
    )
    result = project.dbt("run", "--select", "totals+")
    assert result.messages["downstream"].startswith("CREATED")
    assert contents(database, "downstream", "region, largest")[0] == ("region 0", 30)


def test_full_refresh_of_a_chain_leaves_it_alive(project: DbtProject, database: Database) -> None:
    project.dbt("run", "--full-refresh")
    for name in ("totals", "downstream"):
        assert stream_table(database, name)["status"] == "ACTIVE"
    assert follows_its_source(database)
    refresh(database, "analytics.downstream")
    assert contents(database, "downstream", "region, orders")[0] == ("region 0", 11)


def test_a_dbt_view_on_it_survives_a_rebuild(project: DbtProject, database: Database) -> None:
    project.write({"models/report.sql": "select region, orders from {{ ref('totals') }}"})
    project.dbt("run")
    change(project, WIDER)
    project.dbt("run", "--select", "totals")
    assert database.value("select count(*) from analytics.report") == 3
