"""A partitioned source: what is written to its partitions by name, and partitions that come and go."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.materialization.shop import full_refreshes, refresh, stream_table_model
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database

TABLES = """
create schema raw;
create table raw.visits (id int, region text, day date, ms int, primary key (id, region, day))
    partition by list (region);
create table raw.visits_eu partition of raw.visits for values in ('eu') partition by range (day);
create table raw.visits_eu_1 partition of raw.visits_eu
    for values from (minvalue) to ('2025-02-01');
create table raw."Visits us" partition of raw.visits for values in ('us');
insert into raw.visits values (1, 'eu', '2025-01-01', 5), (2, 'us', '2025-01-01', 7);
"""
SOURCES = "{version: 2, sources: [{name: raw, tables: [{name: visits}]}]}"
QUERY = "select region, count(*) as n, max(ms) as most from {{ source('raw', 'visits') }} group by region"
TRUTH = "select region, count(*) as n, max(ms) as most from raw.visits group by region order by 1"
SHOWN = "select region, n, most from analytics.totals order by 1"


@pytest.fixture(params=["DIFFERENTIAL", "FULL"])
def project(
    request: pytest.FixtureRequest, database: Database, dbt_project: Callable[..., DbtProject]
) -> DbtProject:
    """A stream table on a table with two levels of partitions, run once."""
    database.execute(TABLES)
    made = dbt_project(
        {
            "models/sources.yml": SOURCES,
            "models/totals.sql": stream_table_model(QUERY, refresh_mode=request.param),
            "models/another.sql": "select 1 as one",
        }
    )
    assert "PGT018" in made.dbt("run").log
    return made


def is_right(database: Database) -> bool:
    """Whether a refresh finds what there is."""
    refresh(database)
    return database.query(SHOWN) == database.query(TRUTH)


@pytest.mark.parametrize(
    "change",
    [
        "insert into raw.visits_eu_1 values (3, 'eu', '2025-01-02', 9)",
        "insert into raw.visits_eu values (3, 'eu', '2025-01-02', 9)",
        'update raw."Visits us" set ms = 70',
        "delete from raw.visits_eu_1",
        "truncate raw.visits",
        "update raw.visits set region = 'us' where region = 'eu'",
    ],
)
def test_what_is_written_to_a_partition_by_its_own_name_arrives_once(
    project: DbtProject, database: Database, change: str
) -> None:
    database.execute(change)
    assert is_right(database)
    database.execute("insert into raw.visits values (9, 'us', '2025-01-09', 1)")
    assert is_right(database)


@pytest.mark.parametrize(
    "change",
    [
        "create table raw.visits_ap partition of raw.visits for values in ('ap'); "
        "insert into raw.visits_ap values (4, 'ap', '2025-01-01', 1)",
        "create table raw.made (like raw.visits); "
        "insert into raw.made values (4, 'ap', '2025-01-01', 1); "
        "alter table raw.visits attach partition raw.made for values in ('ap')",
        "drop table raw.visits_eu_1",
        "truncate raw.visits_eu_1",
        "truncate raw.visits_eu",
        'alter table raw.visits detach partition raw."Visits us"',
        'alter table raw.visits detach partition raw."Visits us"; '
        "alter table raw.visits attach partition raw.\"Visits us\" for values in ('us')",
    ],
)
@pytest.mark.parametrize("select", ["totals", "another"])
def test_a_partition_that_came_went_or_was_emptied_is_found_by_the_next_run_and_captured_from_then_on(
    project: DbtProject, database: Database, change: str, select: str
) -> None:
    database.execute(change)
    project.dbt("run", "--select", select)
    assert is_right(database)
    filled = full_refreshes(database)
    assert project.dbt("run").messages["totals"] == "UNCHANGED"
    assert full_refreshes(database) == filled
    for part in database.query(
        "select relid::regclass::text as name from pg_partition_tree('raw.visits') where isleaf"
    ):
        database.execute(f"update {part['name']} set ms = ms + 100")
    assert is_right(database)


def test_another_one_of_the_same_table_and_its_end_leave_the_partitions_captured(
    project: DbtProject, database: Database
) -> None:
    project.write({"models/second.sql": stream_table_model(QUERY)})
    project.dbt("run")
    database.execute("select pgtrickle.drop_stream_table('analytics.second')")
    database.execute("update raw.visits_eu_1 set ms = 50")
    assert is_right(database)
    database.execute("select pgtrickle.drop_stream_table('analytics.totals')")
    database.execute("update raw.visits_eu_1 set ms = 60")
