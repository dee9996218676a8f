"""A query over views is spelt over their tables, and means the same."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.flatten.functions import make
from tests.flatten.shop import QUERIES, STAGING, TABLES
from tests.support.postgres import Server

Connection = psycopg.Connection[dict[str, Any]]


@pytest.fixture(scope="module")
def connection(server: Server) -> Iterator[Connection]:
    with server.database() as database, database.connect() as connection:
        connection.execute((TABLES + STAGING).encode())
        make(connection, "pgtrickle__flat_function")
        yield connection


@pytest.fixture
def scratch(connection: Connection) -> Iterator[Connection]:
    """A transaction that is rolled back."""
    with connection.transaction(force_rollback=True):
        yield connection


def _flat(connection: Connection, query: str) -> dict[str, Any]:
    statement = "select pg_temp.dbt_pgtrickle_flat(%s) as flat"
    flat: dict[str, Any] = connection.execute(statement, (query,)).fetchall()[0]["flat"]
    assert "error" not in flat, flat
    return flat


def _view(connection: Connection, query: str) -> dict[str, Any]:
    """What becomes of a query that reads one view."""
    connection.execute(f"create view shop.a as {query}".encode())
    return _flat(connection, "select * from shop.a")


@pytest.mark.parametrize("name", QUERIES)
def test_every_spelling_gives_the_same_rows_and_types_from_tables_alone(
    connection: Connection, name: str
) -> None:
    query = QUERIES[name].replace("{db}", connection.info.dbname)
    flat = _flat(connection, query)
    assert flat["views"]
    assert not flat["kept"]
    assert {relation.split(".")[0] for relation in flat["reads"]} == {"raw"}
    expected = connection.execute(f"select * from ({query}\n) q".encode())
    for candidate in flat["candidates"]:
        found = connection.execute(candidate.encode())
        assert [(c.name, c.type_code, c.precision) for c in found.description or ()] == [
            (c.name, c.type_code, c.precision) for c in expected.description or ()
        ]
        for one, other in ((query, candidate), (candidate, query)):
            difference = f"select * from ({one}\n) a except all select * from ({other}\n) b"
            assert not connection.execute(difference.encode()).fetchall(), candidate


def test_a_query_over_a_join_of_views_becomes_one_over_a_join_of_tables(
    connection: Connection,
) -> None:
    flat = _flat(connection, QUERIES["join"])
    assert " ".join(flat["query"].split()) == (
        "SELECT o.id AS order_id, p.id AS payment_id, "
        "((COALESCE(p.amount, '0'::numeric) / '100'::numeric)) AS amount, (lower(o.status)) AS status "
        "FROM (raw.orders o JOIN raw.payments p "
        "ON (o.status IS DISTINCT FROM 'gone'::text) AND ((p.order_id = o.id))) "
        "WHERE ((lower(o.status)) IN ('placed'::text, 'done'::text))"
    )


def test_columns_of_one_table_come_from_a_subquery_in_the_tables_order(
    connection: Connection,
) -> None:
    flat = _flat(connection, QUERIES["every column in another order"])
    assert flat["query"] == (
        "select name, city, id as customer_id from "
        "(select id, name, city, city as __dbt_pgtrickle_more from raw.users) as users"
    )


def test_the_query_s_own_text_stays_in_the_last_candidate(connection: Connection) -> None:
    query = "SELECT o.note -- why\nFROM shop.stg_users u, shop.stg_orders o WHERE o.note = 'x'"
    assert _flat(connection, query)["candidates"][-1] == (
        "SELECT o.note -- why\nFROM (select id as customer_id, name, city from raw.users) u, "
        "(select id as order_id, user_id as customer_id, order_date, lower(status) as status, note "
        "from raw.orders where (status IS DISTINCT FROM 'gone'::text)) o WHERE o.note = 'x'"
    )


def test_expressions_stay_inside_where_an_outer_join_may_leave_them_out(
    connection: Connection,
) -> None:
    flat = _flat(connection, QUERIES["left join of an expression"])
    assert "LEFT JOIN (select id as payment_id" in flat["query"]
    assert "FROM (raw.orders o" in flat["query"]


def test_a_query_over_tables_only_isnt_replaced(connection: Connection) -> None:
    flat = _flat(connection, "select id, name from raw.users join raw.orders using (id)")
    assert flat["query"] is None
    assert flat["views"] == []
    assert flat["reads"] == ["raw.orders", "raw.users"]
    assert "ON (users.id = orders.id)" in flat["candidates"][0]


@pytest.mark.parametrize(
    ("before", "query", "reason"),
    [
        ("", "select id, random() as r from raw.users", "it calls a volatile function"),
        ("alter table raw.users enable row level security", "select * from raw.users",
         "row-level security guards a table that it reads"),
        ("create view shop.b with (security_barrier) as select * from raw.users",
         "select * from shop.b", "it or a view that it reads is a security barrier"),
    ],
)  # fmt: skip
def test_what_is_in_the_way_keeps_a_view(
    scratch: Connection, before: str, query: str, reason: str
) -> None:
    scratch.execute(before.encode())
    flat = _view(scratch, query)
    assert flat["query"] is None
    assert flat["views"] == []
    assert flat["kept"] == [{"view": "shop.a", "reason": reason}]
    assert flat["reads"] == ["shop.a"]


def test_a_view_over_what_the_role_may_not_read_is_kept(scratch: Connection) -> None:
    scratch.execute("create view shop.a as select * from raw.users")
    scratch.execute("create role flat_reader; grant usage on schema shop to flat_reader")
    scratch.execute("grant select on shop.a to flat_reader")
    # its event triggers read its catalog
    scratch.execute("grant usage on schema pgtrickle to flat_reader")
    scratch.execute("grant select on all tables in schema pgtrickle to flat_reader")
    scratch.execute("set role flat_reader")
    flat = _flat(scratch, "select * from shop.a")
    assert flat["kept"] == [
        {"view": "shop.a", "reason": "this role may not read a table that it reads"}
    ]


@pytest.mark.parametrize(
    "query",
    [
        "select id from raw.users order by id limit 3",
        "select distinct city from raw.users",
        "select city, count(*) as n from raw.users group by city",
        "select id from raw.users union select id from raw.orders",
        "select id, generate_series(1, 2) as g from raw.users",
        "select id, (select max(id) from raw.orders) as m from raw.users",
        "select u.id from raw.users u left join raw.orders o on o.id = u.id",
        "select id from raw.users where false",
        "with recursive r as (select 1 as id union all select id + 1 from r where id < 3) select id from r",
        "select id from raw.parted",
        "select id from raw.kept",
        "select id, users from raw.users",
    ],
)
def test_a_view_that_does_more_is_written_out_as_it_is(scratch: Connection, query: str) -> None:
    scratch.execute("create table raw.parted (id int) partition by list (id)")
    scratch.execute("create table raw.part partition of raw.parted for values in (1)")
    scratch.execute("create materialized view raw.kept as select 1 as id")
    flat = _view(scratch, query)
    assert flat["views"] == ["shop.a"]
    assert "shop.a" not in flat["reads"]
    scratch.execute(f"create temp view flat as {flat['query']}".encode())
    scratch.execute("table shop.a except all table flat")


def test_what_depends_on_the_moment_or_the_session_is_still_asked_when_it_is_read(
    scratch: Connection,
) -> None:
    flat = _view(scratch, "select id, created::date as day from raw.orders where created < now()")
    assert "(created)::date as day" in flat["query"]
    assert "created < now()" in flat["query"]


def test_a_constant_means_the_same_in_every_session(scratch: Connection) -> None:
    scratch.execute("set local timezone = 'Asia/Tokyo'; set local datestyle = 'German, DMY'")
    flat = _view(
        scratch, "select id from raw.orders where created > '05.01.2026 02:00'::timestamptz"
    )
    scratch.execute("reset timezone; reset datestyle")
    assert "'2026-01-04 17:00:00+00'::timestamp with time zone" in flat["query"]


def test_modifiers_survive(scratch: Connection) -> None:
    flat = _view(
        scratch, "select id, note, note::varchar(3) as n, id::numeric(9,1) as i from raw.orders"
    )
    scratch.execute(f"create temp view flat as {flat['query']}".encode())
    types = scratch.execute(
        "select string_agg(format_type(atttypid, atttypmod), ', ' order by attnum) as types "
        "from pg_attribute where attrelid = 'flat'::regclass"
    ).fetchall()[0]["types"]
    assert types == "integer, character varying(20), character varying(3), numeric(9,1)"


def test_a_filter_that_not_null_makes_needless_is_left_out_in_both(scratch: Connection) -> None:
    flat = _view(scratch, "select id from raw.users where city is not null")
    assert "where" not in flat["query"]


def test_names_that_need_quotes_and_names_without_a_schema_are_found(scratch: Connection) -> None:
    scratch.execute('create table raw."Order Items" ("Id" int primary key, "user" int, "a.b" text)')
    scratch.execute(
        'create view shop."Stg.Items" as with "S" as (select * from raw."Order Items") '
        'select "Id" as "Item Id", "user", "a.b" from "S" where "user" > 1'
    )
    scratch.execute("set local search_path = shop, public")
    query = 'select "Stg.Items"."Item Id", o.order_id from "Stg.Items" join stg_orders o on o.order_id = "user"'
    flat = _flat(scratch, query)
    assert flat["reads"] == ["raw.Order Items", "raw.orders"]
    scratch.execute("set local search_path = ''")
    for candidate in flat["candidates"]:
        scratch.execute(candidate.encode())


def test_a_volatile_function_of_the_query_s_own_is_called_as_often_as_before(
    scratch: Connection,
) -> None:
    query = (
        "with r as (select order_id, random() as r from shop.stg_orders) "
        "select r.order_id, r.r, r.r as same, p.payment_id from r "
        "join shop.stg_payments p on p.order_id = r.order_id"
    )
    for candidate in _flat(scratch, query)["candidates"]:
        assert candidate.lower().count("random()") == 1


def test_nothing_is_left_behind(connection: Connection) -> None:
    state = "select (select count(*) from pg_class) as relations, name, setting from pg_settings"
    before = connection.execute(state.encode()).fetchall()
    _flat(connection, QUERIES["two views of the same"])
    assert connection.execute(state.encode()).fetchall() == before


def test_a_query_that_postgresql_refuses_comes_back_with_its_words(connection: Connection) -> None:
    statement = "select pg_temp.dbt_pgtrickle_flat('select nothing from shop.stg_orders') as flat"
    flat = connection.execute(statement).fetchall()[0]["flat"]
    assert flat == {"error": 'column "nothing" does not exist'}


MANY_JOINS = "select o.order_id, p1.payment_id from shop.stg_orders o " + " ".join(
    f"left join shop.stg_payments p{n} on p{n}.order_id = o.order_id" for n in range(40)
)
IN_TIME = "select pg_temp.dbt_pgtrickle_flat_in_time(%s) as flat"


def test_words_that_take_too_long_to_find_are_no_error_of_the_query(scratch: Connection) -> None:
    scratch.execute("set local statement_timeout = '300ms'")
    assert scratch.execute(IN_TIME, (MANY_JOINS,)).fetchall() == [
        {"flat": {"error": "time was up"}}
    ]
    assert scratch.execute("select 1 as one").fetchall() == [{"one": 1}]


def test_a_cancel_of_somebody_elses_is_no_time_that_is_up(connection: Connection) -> None:
    with connection.transaction(force_rollback=True):
        connection.execute("set local statement_timeout = '1min'")
        canceller = threading.Timer(0.3, connection.cancel)
        canceller.start()
        with pytest.raises(psycopg.errors.QueryCanceled):
            connection.execute(IN_TIME, (MANY_JOINS,))
        canceller.join()
