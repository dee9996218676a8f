"""One value tells whether what a model reads through views still means the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.flatten.functions import render
from tests.flatten.shop import STAGING, TABLES
from tests.support.postgres import Server

Connection = psycopg.Connection[dict[str, Any]]
VIEW = "create view shop.v as select id, status as s from raw.orders where id > {}; create view shop.w as select * from shop.v"


@pytest.fixture(scope="module")
def server_connection(server: Server) -> Iterator[Connection]:
    with server.database() as database, database.connect() as connection:
        connection.execute((TABLES + STAGING).encode())
        connection.execute(VIEW.format(1).encode())
        yield connection


@pytest.fixture
def connection(server_connection: Connection) -> Iterator[Connection]:
    with server_connection.transaction(force_rollback=True):
        yield server_connection


def _fingerprint(connection: Connection, *names: str) -> Any:
    rows = ", ".join(f"('{name.split('.')[0]}', '{name.split('.')[1]}')" for name in names)
    statement = f"select {render('pgtrickle__view_fingerprint', f'values {rows}')} as value"
    return connection.execute(statement.encode()).fetchall()[0]["value"]


@pytest.mark.parametrize(
    "change",
    [
        "drop view shop.v cascade; " + VIEW.format(2),
        "create or replace view shop.v as select id, status as s from raw.orders",
        "alter view shop.v rename column s to t",
        "alter table raw.orders rename column status to state",
        "alter table raw.orders alter column status set not null",
        "alter table raw.orders add column more int",
        "alter view shop.v set (security_barrier = true)",
    ],
)
def test_it_changes_with_what_a_view_below_means(connection: Connection, change: str) -> None:
    before = _fingerprint(connection, "shop.w")
    connection.execute("delete from raw.orders where status is null; set constraints all immediate")
    connection.execute(change.encode())
    assert _fingerprint(connection, "shop.w") != before


@pytest.mark.parametrize(
    "change",
    [
        "drop view shop.v cascade; " + VIEW.format(1),
        "create or replace view shop.v as select id, status as s from raw.orders where id > 1 -- again",
        "set local search_path = raw, shop; set local timezone = 'Asia/Tokyo'",
        "insert into raw.orders (id) values (1000)",
        "create view shop.other as select 1 as one",
        "create index on raw.orders (status); comment on view shop.v is 'x'",
    ],
)
def test_it_stays_with_what_means_the_same(connection: Connection, change: str) -> None:
    before = _fingerprint(connection, "shop.w", "raw.users")
    connection.execute(change.encode())
    assert _fingerprint(connection, "raw.users", "shop.w") == before


def test_there_is_none_where_no_view_is_read(connection: Connection) -> None:
    assert _fingerprint(connection, "raw.orders", "raw.nothing") is None
