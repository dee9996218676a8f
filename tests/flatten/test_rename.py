"""Relations of a query are led to others at the level of tokens, in SQL alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.flatten.functions import make
from tests.support.postgres import Server

NAMES = {"raw.orders": "COPY", "Raw Data.Größe": '"copy"."Größe"', "o.raw": "WRONG"}


@pytest.fixture(scope="module")
def connection(server: Server) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    with server.database() as database, database.connect() as connection:
        make(connection, "pgtrickle__rename_function")
        yield connection


def _rename(connection: psycopg.Connection[dict[str, Any]], query: str) -> str:
    statement = "select pg_temp.dbt_pgtrickle_rename(%s, %s) as text"
    text: str = connection.execute(statement, (query, json.dumps(NAMES))).fetchall()[0]["text"]
    return text


@pytest.mark.parametrize(
    ("query", "renamed"),
    [
        ("select * from raw.orders", "select * from COPY"),
        ("select * from RAW . Orders", "select * from COPY"),
        ('select * from "raw"."orders" o', "select * from COPY o"),
        ('select * from "db"."raw"."orders" as o', "select * from COPY as o"),
        ("select 1 from a join raw.orders on x", "select 1 from a join COPY on x"),
        ("select 1 from a, only (raw.orders) b", "select 1 from a, only (COPY) b"),
        ("select raw.orders.id from raw.orders", "select COPY.id from COPY"),
        ('select raw.orders."Id", db.raw.orders.x', 'select COPY."Id", COPY.x'),
        ("select raw.orders.* from raw.orders", "select COPY.* from COPY"),
        ("select raw.orders", "select raw.orders"),
        ('select 1 from "Raw Data"."Größe"', 'select 1 from "copy"."Größe"'),
        ("table raw.orders", "table COPY"),
        (
            "select 1 from (a join raw.orders on x), raw.orders",
            "select 1 from (a join COPY on x), COPY",
        ),
        (
            "with a as (select * from raw.orders) select 1 from a",
            "with a as (select * from COPY) select 1 from a",
        ),
        (
            "select 1 where b in (select c from raw.orders)",
            "select 1 where b in (select c from COPY)",
        ),
    ],
)
def test_a_relation_is_found_however_it_is_written(
    connection: psycopg.Connection[dict[str, Any]], query: str, renamed: str
) -> None:
    assert _rename(connection, query) == renamed


@pytest.mark.parametrize(
    "query",
    [
        "select 'from raw.orders', e'it\\'s from raw.orders', 'don''t from raw.orders'",
        "select $$from raw.orders$$, $x$ ' $$ from raw.orders $x$",
        "select 1 -- don't: from raw.orders",
        "select 1 /* don't /* nest */ from raw.orders */",
        'select 1 as "from raw.orders"',
        'select 1 from "RAW".orders',
        'select 1 from raw."Orders"',
        "select 1 from other_raw.orders",
        "select 1 from raw.orders_of_today",
        "select * from raw.orders(1), (x).raw.orders",
        "select 1 from orders",
        "select o.raw from orders o where o.raw = 1",
        "select 1.5e3, $1, a[1:2], b::numeric(10,2), U&'d\\0061', x'1F', -1, 'a' 'b' from t",
        "select 'a\\' from raw_orders o where b = 'raw.orders'",
        "select raw.orders, coalesce(raw.orders, 1) from raw where extract(year from raw.orders) = 1",
        "select a is distinct from raw.orders, b from raw join c on f(a, raw.orders) order by 1, raw.orders",
    ],
)
def test_what_only_looks_like_it_stays(
    connection: psycopg.Connection[dict[str, Any]], query: str
) -> None:
    assert _rename(connection, query) == query


@pytest.mark.parametrize(
    ("query", "renamed"),
    [
        ("select 1 from raw.orders", "select 1 from COPY as orders"),
        ("select 1 from raw.orders where a", "select 1 from COPY as orders where a"),
        (
            "select 1 from raw.orders left join b on c",
            "select 1 from COPY as orders left join b on c",
        ),
        ("select 1 from raw.orders o, raw.orders as p", "select 1 from COPY o, COPY as p"),
        ('select 1 from raw.orders "left"', 'select 1 from COPY "left"'),
        (
            "select raw.orders.id, raw.orders.* from raw.orders",
            "select orders.id, orders.* from COPY as orders",
        ),
        ('select 1 from "Raw Data"."Größe"', 'select 1 from "copy"."Größe" as "Größe"'),
        (
            "select cte, cte.*, f(cte) from cte, b where b.cte = cte",
            "select cte, cte.*, f(cte) from CTE as cte, b where b.cte = cte",
        ),
    ],
)
def test_a_subquery_takes_over_the_name_of_the_relation(
    connection: psycopg.Connection[dict[str, Any]], query: str, renamed: str
) -> None:
    names = json.dumps({**NAMES, "cte": "CTE"})
    statement = "select pg_temp.dbt_pgtrickle_rename(%s, %s, true) as text"
    assert connection.execute(statement, (query, names)).fetchall()[0]["text"] == renamed


def test_the_tokens_are_the_query(connection: psycopg.Connection[dict[str, Any]]) -> None:
    query = (
        """select E'\\'', "a""b" /* /* */ */, 1.5e3 <> all ($1), $t$ $$ $t$ -- x\nfrom \t é.ü;"""
    )
    statement = (
        "select string_agg(token, '' order by place) as text from pg_temp.dbt_pgtrickle_tokens(%s)"
    )
    assert connection.execute(statement, (query,)).fetchall()[0]["text"] == query


def test_a_long_query_takes_a_moment(connection: psycopg.Connection[dict[str, Any]]) -> None:
    query = "select * from raw.orders where note = 'it''s' /* a comment */ union all\n" * 2000
    connection.execute("set statement_timeout = '10s'")
    assert _rename(connection, query) == query.replace("raw.orders", "COPY")
