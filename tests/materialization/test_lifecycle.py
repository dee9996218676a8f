"""What `dbt run` does with a stream table, situation by situation: on the database and in dbt's own messages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database

ORDERS = """
create schema raw;
create table raw.orders (id int primary key, region text not null, amount int not null);
insert into raw.orders select i, 'region ' || i % 3, i from generate_series(1, 30) i;
"""
SOURCES = """
sources:
  - name: raw
    schema: raw
    tables: [{name: orders}]
"""
TOTALS = """
{{ config(materialized='stream_table', schedule='1h') }}
select region, count(*) as orders, max(amount) as largest
from {{ source('raw', 'orders') }}
group by region
"""


@pytest.fixture
def project(database: Database, dbt_project: Callable[..., DbtProject]) -> DbtProject:
    database.execute(ORDERS)
    return dbt_project({"models/sources.yml": SOURCES, "models/totals.sql": TOTALS})


def stream_table(database: Database, name: str = "totals") -> dict[str, object]:
    """The catalog's row of a stream table, found by its relation."""
    rows = database.query(
        "select s.*, s.pgt_relid::bigint as relid from pgtrickle.pgt_stream_tables s"
        " where pgt_relid = to_regclass(%s)",
        f"analytics.{name}",
    )
    assert rows, f"{name} is no stream table"
    return rows[0]


def test_nothing_of_that_name_is_created_and_filled(project: DbtProject, database: Database) -> None:
    result = project.dbt("run")
    assert result.messages["totals"] == "CREATED"
    assert stream_table(database)["status"] == "ACTIVE"
    rows = database.query("select region, orders, largest from analytics.totals order by region")
    assert [tuple(row.values()) for row in rows] == [
        ("region 0", 10, 30),
        ("region 1", 10, 28),
        ("region 2", 10, 29),
    ]


def test_unchanged_is_left_alone(project: DbtProject, database: Database) -> None:
    project.dbt("run")
    before = stream_table(database)
    result = project.dbt("run")
    assert result.messages["totals"] == "UNCHANGED"
    assert stream_table(database) == before


def test_unchanged_costs_one_statement(project: DbtProject) -> None:
    project.dbt("run")
    result = project.dbt("run")
    about_the_run, *asked = result.statements("model.shop.totals")
    assert "has_schema_privilege" in about_the_run, "asked once a run, not once a model"
    assert len(asked) == 1, asked
