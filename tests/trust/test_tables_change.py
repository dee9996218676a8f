"""A verdict holds for the tables that a query reads as they were: else it is tried again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.materialization.shop import FILES, ORDERS, contents, refresh, stream_table_model
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database

TRIED = FILES | {
    "models/totals.sql": stream_table_model(
        "select region, count(*) as orders from {{ source('raw', 'orders') }} group by region",
        trial="on",
    )
}


@pytest.fixture
def project(database: Database, dbt_project: Callable[..., DbtProject]) -> DbtProject:
    database.execute(ORDERS)
    made = dbt_project(TRIED)
    assert made.dbt("run").messages["totals"] == "CREATED"
    return made


def test_a_table_that_another_inherits_since_is_told_of_by_the_next_run(
    project: DbtProject, database: Database
) -> None:
    """What is written to that one doesn't arrive, and nothing else would say so."""
    database.execute("create table raw.late_orders () inherits (raw.orders)")
    result = project.dbt("run", check=False)
    assert "[PGT063] totals: " in result.log
    assert "raw.late_orders, which inherits raw.orders" in result.log
    database.execute("drop table raw.late_orders")
    assert project.dbt("run").success


def test_a_table_whose_columns_have_other_types_has_it_tried_again(
    project: DbtProject, database: Database
) -> None:
    database.execute(
        "drop table raw.orders cascade; create table raw.orders (id int primary key, region text "
        "not null, amount float8); insert into raw.orders values (1, 'region 0', 0.5)"
    )
    result = project.dbt("run")
    assert any(
        "pg_temp.dbt_pgtrickle_trial(" in sql for sql in result.statements("model.shop.totals")
    )
    assert contents(database, "totals", "region, orders") == [("region 0", 1)]


def test_a_table_with_another_primary_key_has_it_made_anew(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    """0.67.0 numbers its rows by the old one, so one that the new one lets in beside was lost."""
    database.execute(ORDERS)
    rows = "select id, region, amount from {{ source('raw', 'orders') }}"
    project = dbt_project(TRIED | {"models/totals.sql": stream_table_model(rows)})
    project.dbt("run")
    database.execute(
        "alter table raw.orders drop constraint orders_pkey, add primary key (id, region)"
    )
    database.execute("insert into raw.orders (id, region, amount) values (1, 'elsewhere', 7)")
    result = project.dbt("run")
    assert result.messages["totals"] == "REPLACED (the primary key changed of raw.orders)"
    database.execute("insert into raw.orders (id, region, amount) values (2, 'elsewhere', 8)")
    refresh(database)
    written = database.query("select id, region, amount from raw.orders order by 1, 2")
    held = contents(database, "totals", "id, region, amount")
    assert held == [tuple(row.values()) for row in written]
    assert project.dbt("run").messages["totals"] == "UNCHANGED"
