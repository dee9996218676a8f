"""Which columns a trial changes one by one: those that the result is made of, however the query says it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tasklib.catalog.queries import render
from tasklib.catalog.trial import try_query
from tests.support.postgres import Database

TABLES = """
create table stores (id int primary key, name text, region text);
create table orders (id int primary key, store int, placed date, status text, amount numeric);
insert into stores select i, 'store ' || i, 'region ' || i % 2 from generate_series(1, 5) i;
insert into orders select i, i % 6, date '2026-01-01' + i % 9, (array['new', 'sent', 'done'])[1 + i % 3], i * 7 % 50
  from generate_series(1, 40) i;
create view stg_stores as with source as (select * from stores), renamed as (
  select id as store_id, name as store_name, region from source) select * from renamed;
create view stg_orders as with source as (select * from orders), renamed as (
  select id as order_id, store as store_id, placed, status, amount from source) select * from renamed;
"""
EVERY = {"id", "store", "placed", "status", "amount"}
# what orders are read for, the key left out
CASES = {
    "all of it": ("select * from public.orders", EVERY),
    "a view of it": ("select * from public.stg_orders", EVERY),
    "less than the view": (
        "with o as (select * from public.stg_orders) select order_id, status from o where amount > 5",
        {"status", "amount"},
    ),
    "joined": (
        "select o.order_id, s.region from public.stg_orders o left join public.stg_stores s using (store_id)",
        {"store"},
    ),
    "grouped": ("select status, sum(amount) as a from public.stg_orders group by 1", {"status", "amount"}),
    "counted": ("select count(*) as n from public.stg_orders", EVERY),
    "windows": (
        "select order_id, rank() over (partition by store_id order by amount desc, order_id) as r from public.stg_orders",
        {"store", "amount"},
    ),
    "arms": (
        "select store_id, amount from public.stg_orders union all select store_id, 0 from public.stg_stores",
        {"store", "amount"},
    ),
    "correlated": (
        "select s.store_id, (select max(placed) from public.stg_orders o where o.store_id = s.store_id and o.status <> 'new') as m "
        "from public.stg_stores s",
        {"store", "placed", "status"},
    ),
    "lateral": (
        "select s.id, l.amount from public.stores s cross join lateral (select o.amount from public.orders o "
        "where o.store = s.id order by o.placed, o.id limit 1) as l",
        {"store", "placed", "amount"},
    ),
    "except": (
        "select store_id from public.stg_stores except select store_id from public.stg_orders where status = 'done'",
        {"store", "status"},
    ),
    # of what is read once and used twice PostgreSQL says nothing
    "twice": (
        "with o as (select * from public.stg_orders) select a.order_id, b.order_id as other from o a join o b using (store_id)",
        EVERY,
    ),
    "rows as values": ("select o.id, to_jsonb(o) as j from public.orders o", EVERY),
    "by the key": (
        "select s.id, s.name, count(o.status) as n from public.stores s left join public.orders o on o.store = s.id group by s.id",
        {"store", "status"},
    ),
}  # fmt: skip
VALUES = {
    "text": "'other ' || random()",
    "date": "date '2000-01-01' + (random() * 999)::int",
    "numeric": "random()::numeric",
    "integer": "(random() * 999)::int",
}


@pytest.fixture
def session(database: Database) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    database.execute(TABLES)
    with database.connect() as connection:
        connection.execute("set check_function_bodies = off")
        connection.execute(render("pgtrickle__trial_functions").encode())
        yield connection


def columns(session: psycopg.Connection[dict[str, Any]], query: str) -> list[dict[str, Any]]:
    """The columns of the tables under a query that aren't keys, each with its table's name."""
    row = session.execute(
        "select pg_temp.dbt_pgtrickle_trial_sources(%s, 'pg_catalog, public', %s) as described",
        (query, json.dumps({"rows": 10})),
    ).fetchone()
    assert row is not None
    tables = [one for one in row["described"]["relations"] if one["kind"] == "r"]
    return [
        {**column, "table": one["name"]}
        for one in tables for column in one["columns"] if column["name"] != "id"
    ]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_column_is_left_out_that_the_result_isnt_made_of_and_no_other(
    session: psycopg.Connection[dict[str, Any]], case: str
) -> None:
    query, expected = CASES[case]
    found = columns(session, query)
    used = {one["name"] for one in found if one["used"] and one["table"] == "public.orders"}
    assert used == expected - {"id"}
    result = f"select md5(string_agg(t::text, ',' order by t::text)) as hash from ({query}) as t"
    before = session.execute(result.encode()).fetchone()
    for one in found:
        if not one["used"]:
            value = VALUES[one["type"]]
            session.execute(f"update {one['table']} set {one['name']} = {value}".encode())
    assert session.execute(result.encode()).fetchone() == before


def test_only_what_is_selected_as_it_is_and_nothing_else_is_tried_together(
    session: psycopg.Connection[dict[str, Any]],
) -> None:
    def together(query: str) -> set[str]:
        return {one["name"] for one in columns(session, query) if one.get("passed_on")}

    joined = "from public.stg_orders o left join public.stg_stores s using (store_id)"
    assert together(f"select o.*, s.store_name {joined}") == {"placed", "status", "amount", "name"}
    assert together(f"select o.*, s.store_name {joined} where o.amount > 5") == {
        "placed",
        "status",
        "name",
    }
    assert together("select status, amount from public.stg_orders group by 1, 2") == set()
    assert together("select status, amount from public.orders") == {"status", "amount"}
    assert together("select distinct status from public.orders") == set()


def test_columns_may_be_called_what_a_round_calls_its_own(database: Database) -> None:
    database.execute(
        "create table t (id int primary key, at timestamp, n int, other text, o text, t text);"
        "insert into t select i, now(), i, 'a', 'b', 'c' from generate_series(1, 9) i"
    )
    with database.connect() as connection:
        found = try_query(connection, "select id, other from public.t", "DIFFERENTIAL")
    assert found.outcome == "right", found
