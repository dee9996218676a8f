"""What can't be kept incrementally becomes FULL with the reason, or fails where the model says so."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.materialization.shop import FILES, ORDERS, TOTALS_QUERY, stream_table, stream_table_model
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database

# refused at creation by both; the others are taken by 0.67.0 at creation and fail at their first refresh
MATVIEW = "select id, amount from raw.copies"
IN = "select id from {{ source('raw', 'orders') }} where id in (select amount from {{ source('raw', 'orders') }})"
WINDOW = "select id, row_number() over (partition by region order by amount) as place from {{ source('raw', 'orders') }}"
QUOTE = "select id, 'it''s' as t from {{ source('raw', 'orders') }}"
BEYOND_THE_STAND_IN = (
    "pg_trickle_lite recomputes, so it can keep every query that PostgreSQL accepts"
)


@pytest.fixture
def project(database: Database, dbt_project: Callable[..., DbtProject]) -> DbtProject:
    database.execute(ORDERS + "create materialized view raw.copies as select * from raw.orders")
    return dbt_project(FILES)


@pytest.fixture(
    params=[MATVIEW, IN, WINDOW, QUOTE], ids=["materialized view", "in", "window", "quote"]
)
def query(request: pytest.FixtureRequest, database: Database) -> str:
    text: str = request.param
    if database.extension == "pg_trickle_lite" and text != MATVIEW:
        pytest.skip(BEYOND_THE_STAND_IN)
    return text


@pytest.mark.parametrize("mode", ["AUTO", "DIFFERENTIAL"])
def test_it_becomes_full_with_the_reason_and_stays_so(
    project: DbtProject, database: Database, query: str, mode: str
) -> None:
    project.write({"models/totals.sql": stream_table_model(query, trial="on", refresh_mode=mode)})
    result = project.dbt("run")
    assert "PGT060" in result.log
    assert stream_table(database)["refresh_mode"] == "FULL"
    assert database.value("select count(*) from analytics.totals") > 0
    assert project.dbt("run").messages["totals"] == "UNCHANGED"
    database.execute(
        "insert into raw.orders values (31, 'region 0', 31); refresh materialized view raw.copies"
    )
    database.query("select pgtrickle.refresh_stream_table('analytics.totals')")
    assert database.value("select count(*) from analytics.totals where id = 31") > 0


def test_on_unsafe_fail_fails_with_the_reason_and_the_way_out(
    project: DbtProject, database: Database, query: str
) -> None:
    project.write({"models/totals.sql": stream_table_model(query, trial="on", on_unsafe="fail")})
    result = project.dbt("run", check=False)
    assert not result.success
    assert "PGT062" in result.log
    assert "on_unsafe: full" in result.log
    assert database.value("select to_regclass('analytics.totals') is null")


def test_a_query_changed_to_one_it_cant_keep_leaves_the_old_one(
    project: DbtProject, database: Database, query: str
) -> None:
    project.write(
        {
            "models/totals.sql": stream_table_model(
                "select id, amount from {{ source('raw', 'orders') }}"
            )
        }
    )
    project.dbt("run")
    before = stream_table(database)
    project.write({"models/totals.sql": stream_table_model(query, trial="on", on_unsafe="fail")})
    assert not project.dbt("run", check=False).success
    assert stream_table(database) == before


def test_auto_takes_the_incremental_form_where_it_can(
    project: DbtProject, database: Database
) -> None:
    project.write(
        {"models/totals.sql": stream_table_model(TOTALS_QUERY, trial="on", refresh_mode="AUTO")}
    )
    assert "PGT060" not in project.dbt("run").log
    assert stream_table(database)["refresh_mode"] == "DIFFERENTIAL"


def test_what_postgres_refuses_is_no_reason_to_fall_back(project: DbtProject) -> None:
    project.write(
        {
            "models/totals.sql": stream_table_model(
                "select id / 0 as x from {{ source('raw', 'orders') }}",
                trial="on",
                refresh_mode="AUTO",
            )
        }
    )
    result = project.dbt("run", check=False)
    assert "division by zero" in result.log
    assert "PGT060" not in result.log
