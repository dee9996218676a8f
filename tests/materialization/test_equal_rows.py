"""A stream table of another one's rows takes equal ones, whenever they come."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.materialization.shop import refresh, stream_table_model
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database

TABLES = """
create schema raw;
create table raw.rows (k int, v int);
insert into raw.rows values (1, 1), (2, 2);
create table raw.names (k int primary key, name text);
insert into raw.names values (1, 'one'), (2, 'two');
"""
SOURCES = "sources: [{name: raw, schema: raw, tables: [{name: rows}, {name: names}]}]"
JOINED = (
    "select p.k, p.v, n.name from {{ ref('parent') }} p"
    " left join {{ source('raw', 'names') }} n on n.k = p.k"
)
FILES = {
    "models/sources.yml": SOURCES,
    "models/parent.sql": stream_table_model("select k, v from {{ source('raw', 'rows') }}"),
    "models/rows.sql": stream_table_model("select k, v + 1 as w from {{ ref('parent') }}"),
    "models/joined.sql": stream_table_model(JOINED, refresh_mode="FULL"),
}


def counts(database: Database, relation: str) -> list[tuple[int, int]]:
    rows = database.query(f"select k, count(*) as n from {relation} group by k order by k")
    return [(row["k"], row["n"]) for row in rows]


@pytest.mark.parametrize("when", ["before", "after"])
def test_rows_of_a_stream_table_that_become_equal_are_as_many_in_those_that_read_it(
    database: Database, dbt_project: Callable[..., DbtProject], when: str
) -> None:
    database.execute(TABLES)
    project = dbt_project(FILES)
    if when == "after":
        project.dbt("run")
    database.execute("insert into raw.rows values (2, 2), (1, 1), (3, 3), (3, 3)")
    project.dbt("run")
    names = ("parent", "rows", "joined")
    for change in (
        "insert into raw.rows values (3, 3), (4, 4)",
        "delete from raw.rows where ctid in (select min(ctid) from raw.rows group by k)",
    ):
        for name in names:
            refresh(database, f"analytics.{name}")
            assert counts(database, f"analytics.{name}") == counts(database, "raw.rows"), name
        database.execute(change)
    for name in names:
        refresh(database, f"analytics.{name}")
        assert counts(database, f"analytics.{name}") == counts(database, "raw.rows"), name
