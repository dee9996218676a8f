"""Stream tables of flat queries: kept right incrementally, and bound to tables, whatever becomes of the views."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.flatten.functions import make
from tests.flatten.shop import QUERIES, STAGING, TABLES
from tests.support.postgres import Server

# On 0.67.0 none of them could be created over the views, and these are kept right in their first spelling.
KEPT_RIGHT = (
    "a view", "another order", "every column in another order", "quoted", "qualified", "group", "join", "using",
    "left join", "left join of an expression", "style guide", "import used twice", "a view of a join",
    "two views of the same", "a table beside a view",
)  # fmt: skip

CHANGES = """
insert into raw.orders select id + 100, user_id, order_date, status, note, created from raw.orders where id < 4
update raw.orders set status = null
update raw.orders set status = case id % 3 when 0 then 'placed' when 1 then 'GONE' end, user_id = id % 5
update raw.payments set amount = null, order_id = 3 where id % 4 = 0
insert into raw.users values (100, 'new', 'c1'); insert into raw.orders values (200, 100, null, 'placed', null, now()); insert into raw.payments values (200, 200, 'card', 5)
update raw.users set id = id + 1000 where id < 3
delete from raw.orders where id % 3 = 0
update raw.users set city = 'elsewhere', name = null where id % 2 = 0
delete from raw.orders; delete from raw.payments
insert into raw.orders select i, i % 4, current_date, 'placed', 'n', now() from generate_series(1, 9) as i
""".strip().splitlines()


@pytest.fixture
def connection(server: Server) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    with server.database() as database, database.connect() as connection:
        connection.execute((TABLES + STAGING).encode())
        make(connection, "pgtrickle__flat_function")
        yield connection


@pytest.mark.parametrize("name", KEPT_RIGHT)
def test_it_stays_what_the_query_over_the_views_says(
    connection: psycopg.Connection[dict[str, Any]], name: str
) -> None:
    query = QUERIES[name].replace("{db}", connection.info.dbname)
    _create(connection, query)
    columns = [c.name for c in connection.execute(f"{query} limit 0".encode()).description or ()]
    kept = f"select {', '.join(columns)} from shop.kept"
    for change in CHANGES:
        connection.execute(change.encode())
        connection.execute("select pgtrickle.refresh_stream_table('shop.kept')")
        for one, other in ((query, kept), (kept, query)):
            difference = f"select * from ({one}) a except all select * from ({other}) b"
            assert not connection.execute(difference.encode()).fetchall(), change


def test_a_view_that_is_dropped_or_replaced_is_nothing_to_it(
    connection: psycopg.Connection[dict[str, Any]],
) -> None:
    _create(connection, QUERIES["style guide"])
    sources = connection.execute(
        "select source_type, source_relid::regclass::text as name from pgtrickle.pgt_dependencies order by 2"
    ).fetchall()
    assert [(row["source_type"], row["name"]) for row in sources] == [
        ("TABLE", "raw.orders"), ("TABLE", "raw.users"),
    ]  # fmt: skip
    connection.execute("drop view shop.stg_users, shop.paid_orders, shop.stg_orders")
    connection.execute((STAGING.split("create view shop.stg_payments")[0]).encode())
    connection.execute("create or replace view shop.stg_orders as select * from shop.stg_orders")
    connection.execute("insert into raw.users values (100, 'new', 'c1')")
    connection.execute("select pgtrickle.refresh_stream_table('shop.kept')")
    state = connection.execute("select status, needs_reinit from pgtrickle.pgt_stream_tables")
    assert state.fetchall() == [{"status": "ACTIVE", "needs_reinit": False}]
    assert connection.execute("select from shop.kept where customer_id = 100").fetchall()


def _create(connection: psycopg.Connection[dict[str, Any]], query: str) -> None:
    flat = connection.execute(
        "select pg_temp.dbt_pgtrickle_flat(%s) ->> 'query' as query", (query,)
    ).fetchall()[0]["query"]
    connection.execute(
        "select pgtrickle.create_stream_table('shop.kept', %s, schedule => '52w', refresh_mode => 'DIFFERENTIAL')",
        (flat,),
    )


def test_groups_of_a_stream_table_are_kept_right_of_its_columns_in_a_subquery(
    connection: psycopg.Connection[dict[str, Any]],
) -> None:
    connection.execute(
        "select pgtrickle.create_stream_table('shop.base', "
        "'select id, user_id, status from raw.orders', '1d')"
    )
    query = (
        "with o as (select * from shop.base) "
        "select user_id, status, count(*) as n, sum(id) as total from o group by user_id, status"
    )
    own, *others = _spellings(connection, query)
    assert own == query
    assert not [one for one in others if "__pgt_" in one]
    assert "(select id, user_id, status from shop.base)" in others[-1]
    connection.execute(
        "select pgtrickle.create_stream_table('shop.kept', %s, '1d', 'DIFFERENTIAL')", [others[-1]]
    )
    kept = "select user_id, status, n, total from shop.kept"
    for change in (*CHANGES, "update raw.orders set user_id = null, status = null where id < 6"):
        connection.execute(change.encode())
        for name in ("shop.base", "shop.kept"):
            connection.execute("select pgtrickle.refresh_stream_table(%s)", [name])
        for one, other in ((query, kept), (kept, query)):
            difference = f"select * from ({one}) a except all select * from ({other}) b"
            assert not connection.execute(difference.encode()).fetchall(), change


def test_rows_of_a_stream_table_under_a_condition_are_kept_right_with_distinct_where_they_are(
    connection: psycopg.Connection[dict[str, Any]],
) -> None:
    connection.execute(
        "select pgtrickle.create_stream_table('shop.totals', 'select user_id, count(*) as n, "
        "max(order_date) as last_on from raw.orders group by user_id', '1d')"
    )
    query = "select user_id, last_on as at from shop.totals where last_on > date '2026-01-05'"
    others = {
        "without its key": "select last_on from shop.totals where n > 2",
        "joined": "select t.user_id, u.name from shop.totals t join raw.users u on u.id = t.user_id",
        "of a table": "select id, status from raw.orders where user_id > 3",
    }
    for name, other in others.items():
        assert "DISTINCT" not in str(_spellings(connection, other)), name
    with connection.transaction(force_rollback=True):
        # whose NULLs may come twice
        connection.execute("create unique index on raw.users (name)")
        connection.execute(
            "select pgtrickle.create_stream_table('shop.named', 'select name, city from raw.users', '1d')"
        )
        assert "DISTINCT" not in str(
            _spellings(connection, "select name, city from shop.named where city > 'c1'")
        )
    [spelling] = [
        one
        for one in _spellings(connection, query)
        if one.startswith("SELECT DISTINCT user_id, at FROM (")
    ]
    connection.execute(
        "select pgtrickle.create_stream_table('shop.kept', %s, '1d', 'DIFFERENTIAL')", [spelling]
    )
    kept = "select user_id, at from shop.kept"
    for change in (*CHANGES, "update raw.orders set order_date = null where id < 6"):
        connection.execute(change.encode())
        for name in ("shop.totals", "shop.kept"):
            connection.execute("select pgtrickle.refresh_stream_table(%s)", [name])
        for one, other in ((query, kept), (kept, query)):
            difference = f"select * from ({one}) a except all select * from ({other}) b"
            assert not connection.execute(difference.encode()).fetchall(), change


def _spellings(connection: psycopg.Connection[dict[str, Any]], query: str) -> list[str]:
    row = connection.execute("select pg_temp.dbt_pgtrickle_flat(%s) as flat", [query]).fetchone()
    assert row
    return [str(spelling) for spelling in row["flat"]["spellings"]]
