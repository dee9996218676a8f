"""What `dbt run` does with a stream table, situation by situation: on the database and in dbt's own messages."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.materialization.shop import (
    FILES,
    ORDERS,
    TOTALS_QUERY,
    contents,
    follows_its_source,
    stream_table,
    stream_table_model,
)
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database


@pytest.fixture
def project(database: Database, dbt_project: Callable[..., DbtProject]) -> DbtProject:
    database.execute(ORDERS)
    return dbt_project(FILES)


def rewrite(project: DbtProject, query: str, **config: object) -> None:
    project.write({"models/totals.sql": stream_table_model(query, **config)})


@pytest.mark.quick
def test_nothing_of_that_name_is_created_and_filled(
    project: DbtProject, database: Database
) -> None:
    result = project.dbt("run")
    assert result.messages["totals"] == "CREATED"
    assert stream_table(database)["status"] == "ACTIVE"
    assert contents(database) == [("region 0", 10, 30), ("region 1", 10, 28), ("region 2", 10, 29)]


@pytest.mark.parametrize(
    ("kind", "ddl"),
    [
        ("table", "create table analytics.totals (x int)"),
        ("view", "create view analytics.totals as select 1 as x"),
        ("materialized view", "create materialized view analytics.totals as select 1 as x"),
    ],
)
def test_another_relation_of_that_name_goes_and_is_named(
    project: DbtProject, database: Database, kind: str, ddl: str
) -> None:
    database.execute(f"create schema analytics; {ddl}")
    result = project.dbt("run")
    assert result.messages["totals"] == f"CREATED (takes the place of the {kind} of that name)"
    assert stream_table(database)["status"] == "ACTIVE"
    assert follows_its_source(database)


def test_unchanged_is_left_alone(project: DbtProject, database: Database) -> None:
    project.dbt("run")
    before = stream_table(database)
    result = project.dbt("run")
    assert result.messages["totals"] == "UNCHANGED"
    assert stream_table(database) == before


@pytest.mark.parametrize(
    "query",
    [
        TOTALS_QUERY.replace(" ", "   "),
        TOTALS_QUERY.replace("count(*) as orders", "COUNT(*) orders /* a comment -- here */"),
        "-- first\n"
        + TOTALS_QUERY.upper().replace(
            "{{ SOURCE('RAW', 'ORDERS') }}", "{{ source('raw', 'orders') }}"
        ),
        TOTALS_QUERY + ";\n-- the end",
        "select region, count(*) as orders, (max((amount))) as largest from {{ source('raw', 'orders') }} group by 1",
    ],
    ids=["white space", "AS and a comment", "letter case", "semicolon", "parentheses"],
)
def test_what_means_the_same_is_no_change(
    project: DbtProject, database: Database, query: str
) -> None:
    project.dbt("run")
    before = stream_table(database)
    rewrite(project, query)
    assert project.dbt("run").messages["totals"] == "UNCHANGED"
    assert stream_table(database) == before


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("where region <> 'a  b'", "where region <> 'a b'"),
        ("where region <> 'X'", "where region <> 'x'"),
        ("where amount > 5", "where amount > 6"),
    ],
    ids=["white space in a string", "case of a string", "a number"],
)
def test_another_meaning_changes_the_query_in_place(
    project: DbtProject, database: Database, first: str, second: str
) -> None:
    query = "select id, region from {{ source('raw', 'orders') }} "
    rewrite(project, query + first)
    project.dbt("run")
    rewrite(project, query + second)
    result = project.dbt("run")
    assert result.messages["totals"] == "ALTERED (query changed)"
    stored = stream_table(database)
    assert second in str(stored["original_query"] or stored["defining_query"])
    assert stored["status"] == "ACTIVE"


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ("order by amount desc limit 3", [(28,), (29,), (30,)]),
        ("order by amount limit 2", [(1,), (2,)]),
        ("order by amount desc limit 2 offset 1", [(28,), (29,)]),
    ],
    ids=["limit", "direction", "offset"],
)
def test_another_limit_offset_or_direction_is_deployed(
    project: DbtProject, database: Database, second: str, expected: list[tuple[int]]
) -> None:
    query = "select id, amount from {{ source('raw', 'orders') }} "
    rewrite(project, query + "order by amount desc limit 2")
    project.dbt("run")
    rewrite(project, query + second)
    project.dbt("run")
    rows = database.query("select amount from analytics.totals order by 1")
    assert [tuple(row.values()) for row in rows] == expected


def test_a_changed_query_keeps_grants_comments_indexes_and_views(
    project: DbtProject, database: Database
) -> None:
    project.dbt("run")
    database.execute(
        "comment on table analytics.totals is 'by region';"
        "comment on column analytics.totals.orders is 'how many';"
        "create index totals_orders on analytics.totals (orders);"
        "grant select on analytics.totals to pg_monitor;"
        "create view analytics.large as select region from analytics.totals where largest > 28"
    )
    rewrite(project, TOTALS_QUERY.replace("group by", "where amount > 3 group by"))
    assert project.dbt("run").messages["totals"] == "ALTERED (query changed)"
    assert contents(database) == [("region 0", 9, 30), ("region 1", 9, 28), ("region 2", 9, 29)]
    assert database.value("select obj_description('analytics.totals'::regclass)") == "by region"
    assert database.value("select count(*) from pg_indexes where indexname = 'totals_orders'") == 1
    assert database.value("select has_table_privilege('pg_monitor', 'analytics.totals', 'select')")
    assert database.value("select count(*) from analytics.large") == 2
    assert follows_its_source(database)


@pytest.mark.parametrize(
    ("query", "why"),
    [
        (
            TOTALS_QUERY.replace("max(amount)", "min(amount) as smallest, max(amount)"),
            "+ smallest integer",
        ),
        (TOTALS_QUERY.replace(", max(amount) as largest", ""), "- largest"),
        (TOTALS_QUERY.replace("max(amount)", "max(amount)::bigint"), "largest integer → bigint"),
        (
            "select region, max(amount) as largest, count(*) as orders"
            " from {{ source('raw', 'orders') }} group by region",
            "their order",
        ),
    ],
    ids=["added", "removed", "another type", "reordered"],
)
def test_changed_output_columns_replace_the_stream_table(
    project: DbtProject, database: Database, query: str, why: str
) -> None:
    project.dbt("run")
    rewrite(project, query)
    result = project.dbt("run")
    assert result.messages["totals"] == f"REPLACED (output columns changed: {why})"
    with database.connect() as connection:
        sql = query.replace("{{ source('raw', 'orders') }}", "raw.orders")
        wanted = connection.execute(f"select * from ({sql}) q order by region").fetchall()  # type: ignore[arg-type]
    names = ", ".join(wanted[0])
    assert database.query(f"select {names} from analytics.totals order by region") == wanted
    assert follows_its_source(database)


def test_a_replaced_stream_table_leaves_its_source_writable(
    project: DbtProject, database: Database
) -> None:
    rewrite(project, "select id, amount from {{ source('raw', 'orders') }}")
    project.dbt("run")
    rewrite(project, "select id, amount, region from {{ source('raw', 'orders') }}")
    assert project.dbt("run").messages["totals"].startswith("REPLACED")
    database.execute(
        "insert into raw.orders values (99, 'x', 1); update raw.orders set region = 'y' where id = 99;"
        "delete from raw.orders where id = 99"
    )


def test_a_stream_table_dropped_and_made_again_leaves_its_source_writable(
    project: DbtProject, database: Database
) -> None:
    rewrite(project, "select id, amount from {{ source('raw', 'orders') }}")
    project.dbt("run")
    database.query("select pgtrickle.drop_stream_table('analytics.totals')")
    rewrite(project, "select id, amount, region from {{ source('raw', 'orders') }}")
    assert project.dbt("run").messages["totals"] == "CREATED"
    database.execute("insert into raw.orders values (99, 'x', 1)")
    database.query("select pgtrickle.refresh_stream_table('analytics.totals')")
    assert database.value("select region from analytics.totals where id = 99") == "x"


def test_full_refresh_replaces(project: DbtProject, database: Database) -> None:
    project.dbt("run")
    before = stream_table(database)["pgt_relid"]
    assert project.dbt("run", "--full-refresh").messages["totals"] == "REPLACED (--full-refresh)"
    assert stream_table(database)["pgt_relid"] != before
    assert follows_its_source(database)


def test_full_refresh_false_on_the_model_wins(project: DbtProject, database: Database) -> None:
    rewrite(project, TOTALS_QUERY, full_refresh=False)
    project.dbt("run")
    before = stream_table(database)["pgt_relid"]
    assert project.dbt("run", "--full-refresh").messages["totals"] == "UNCHANGED"
    assert stream_table(database)["pgt_relid"] == before


def test_suspended_by_somebody_is_left_and_said(project: DbtProject, database: Database) -> None:
    project.dbt("run")
    database.query("select pgtrickle.alter_stream_table('analytics.totals', status => 'SUSPENDED')")
    result = project.dbt("run")
    assert "PGT021" in result.log
    assert "resume_stream_table('analytics.totals')" in result.log
    assert stream_table(database)["status"] == "SUSPENDED"


def test_a_suspended_one_stays_suspended_when_its_query_changes(
    project: DbtProject, database: Database
) -> None:
    project.dbt("run")
    database.query("select pgtrickle.alter_stream_table('analytics.totals', status => 'SUSPENDED')")
    rewrite(project, TOTALS_QUERY.replace("group by", "where amount > 3 group by"))
    project.dbt("run")
    assert stream_table(database)["status"] == "SUSPENDED"
    assert contents(database)[0] == ("region 0", 9, 30)


def test_error_status_is_bound_again_and_follows(project: DbtProject, database: Database) -> None:
    project.dbt("run")
    database.execute(
        "create table raw.orders_new (like raw.orders including all);"
        "insert into raw.orders_new select * from raw.orders;"
        "drop table raw.orders; alter table raw.orders_new rename to orders"
    )
    assert stream_table(database)["status"] == "ERROR"
    result = project.dbt("run")
    assert result.messages["totals"] == "REBOUND (a source it was bound to no longer exists)"
    assert stream_table(database)["status"] == "ACTIVE"
    assert follows_its_source(database)


def test_a_source_renamed_aside_is_noticed_although_the_text_is_the_same(
    project: DbtProject, database: Database
) -> None:
    project.dbt("run")
    database.execute(
        "alter table raw.orders rename to orders_old; create table raw.orders (like raw.orders_old including all)"
    )
    result = project.dbt("run")
    assert result.messages["totals"].startswith("REBOUND (a source was replaced")
    assert contents(database) == []
    assert follows_its_source(database)


def test_a_source_with_other_columns_under_select_star_replaces(
    project: DbtProject, database: Database
) -> None:
    rewrite(project, "select * from {{ source('raw', 'orders') }}")
    project.dbt("run")
    database.execute(
        "drop table raw.orders; create table raw.orders (id int primary key, extra text, region text);"
        "insert into raw.orders values (1, 'e', 'r')"
    )
    assert project.dbt("run").messages["totals"].startswith("REPLACED (output columns changed")
    assert database.query("select id, extra, region from analytics.totals") == [
        {"id": 1, "extra": "e", "region": "r"}
    ]


def test_a_failing_change_leaves_the_old_one_intact_and_fresh(
    project: DbtProject, database: Database
) -> None:
    project.dbt("run")
    before = stream_table(database)
    rewrite(project, TOTALS_QUERY.replace("max(amount)", "max(amount) / 0"))
    result = project.dbt("run", check=False)
    assert not result.success
    assert stream_table(database) == before
    assert follows_its_source(database)


def test_a_query_that_postgres_refuses_names_the_error_and_changes_nothing(
    project: DbtProject, database: Database
) -> None:
    project.dbt("run")
    before = stream_table(database)
    rewrite(project, TOTALS_QUERY.replace("amount", "amuont"))
    result = project.dbt("run", check=False)
    assert "PGT020" in result.log
    assert 'column "amuont" does not exist' in result.log
    assert stream_table(database) == before


def test_a_failing_post_hook_rolls_everything_back(project: DbtProject, database: Database) -> None:
    project.dbt("run")
    before = stream_table(database)
    rewrite(
        project,
        TOTALS_QUERY.replace("max(amount)", "min(amount) as s, max(amount)"),
        post_hook="select 1/0",
    )
    assert not project.dbt("run", check=False).success
    assert stream_table(database) == before
    assert follows_its_source(database)
