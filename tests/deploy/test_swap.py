"""The transaction in which relations change places, and what it waits for; without dbt."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import psycopg
import pytest

from tasklib.base.errors import UserError
from tasklib.catalog.database import Connection, connect
from tasklib.tasks.deploy import checks, versions
from tasklib.tasks.deploy.swap import swap
from tasklib.tasks.deploy.terms import alone
from tasklib.tasks.deploy.versions import Version, Whose
from tests.materialization.shop import ORDERS
from tests.support.postgres import Database

SHOP = Whose("shop", "analytics")
TABLES = ("totals", "kept")
STREAM_TABLE = (
    "select pgtrickle.create_stream_table(%s, %s, schedule => '1h', refresh_mode => 'DIFFERENTIAL')"
)
MOVES = [
    {"schema_name": "analytics", "table_name": name, "carry": True, "has": True, "had": True}
    for name in TABLES
]
COMES = versions.following(["analytics"], versions.BUILDING)
GOES = replace(
    versions.following(["analytics"], "former", MOVES),
    until=datetime.now(timezone.utc) + timedelta(days=1),
)

OBSTACLES = {
    "create materialized view public.m as select * from analytics.totals": "materialized view",
    "create function public.f() returns bigint language sql begin atomic"
    " select count(*) from analytics.totals; end": "function public.f() stands on it",
    "alter table analytics.totals enable row level security": "row security",
    "create function public.t() returns trigger language plpgsql as 'begin return new; end';"
    "create trigger audit after insert on analytics.totals"
    " execute function public.t()": "a trigger of its own, audit",
    "create publication p for table analytics.totals": "the publication p",
    "select pgtrickle.alter_stream_table('analytics.totals', status => 'SUSPENDED')": "paused",
}


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    """As the owner of a stream table and a table, each of which has a next one beside it."""
    database.execute(ORDERS + "create schema analytics")
    with closing(connect(database.env)) as opened:
        with opened.transaction():
            versions.create(opened, SHOP, COMES)
        for schema, column in (("analytics", "max(amount)"), ("analytics__next", "min(amount)")):
            query = f"select region, {column} as amount from raw.orders group by region"
            opened.execute(STREAM_TABLE, (f"{schema}.totals", query))
            opened.execute(f"create table {schema}.kept as select 1 as id".encode())
        yield opened


def exchange(connection: Connection, patience: float = 20) -> float:
    return swap(connection, SHOP, COMES, GOES, time.monotonic() + patience)


def places(connection: Connection) -> list[str]:
    rows = connection.execute(
        "select n.nspname || '.' || relname as name from pg_class c"
        " join pg_namespace n on n.oid = relnamespace where relname in ('totals', 'kept')"
        " order by 1"
    )
    return [row["name"] for row in rows]


def test_a_version_is_known_by_its_schema_to_its_own_project_alone(connection: Connection) -> None:
    exchange(connection)
    versions.clear(connection, SHOP)
    assert places(connection) == [
        "analytics.kept", "analytics.totals", "analytics__former.kept", "analytics__former.totals",
    ]  # fmt: skip
    assert versions.kept(connection, SHOP) == [GOES]
    assert versions.kept(connection, replace(SHOP, target="pr_12")) == []
    assert versions.ended(connection, SHOP) == []
    versions.drop(connection, GOES)
    assert places(connection) == ["analytics.kept", "analytics.totals"]
    minimum = "select min(amount) as amount from analytics.totals"
    assert connection.execute(minimum).fetchall() == [{"amount": 1}]


def test_who_reads_all_the_time_makes_it_wait_and_is_never_in_a_deadlock(
    connection: Connection, database: Database
) -> None:
    """Two read the tables in either order, and hold each for a while."""
    wrong: list[str] = []
    done = threading.Event()

    def read(first: str, second: str) -> None:
        with database.connect() as reader:
            while not done.is_set():
                try:
                    with reader.transaction():
                        reader.execute(f"select from analytics.{first}".encode())
                        time.sleep(0.1)
                        reader.execute(f"select from analytics.{second}".encode())
                    time.sleep(0.2)
                except psycopg.Error as error:
                    wrong.append(str(error))

    threads = [threading.Thread(target=read, args=order) for order in (TABLES, TABLES[::-1])]
    for thread in threads:
        thread.start()
    try:
        exchange(connection, patience=60)
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert wrong == []
    assert "analytics__former.totals" in places(connection)


def test_who_doesnt_let_go_has_everything_stay_as_it_was(
    connection: Connection, database: Database
) -> None:
    before = places(connection)
    with database.connect() as reader, reader.transaction():
        reader.execute(b"select from analytics.totals")
        with pytest.raises(UserError, match="in use all the time"):
            exchange(connection, patience=1.5)
    assert places(connection) == before
    assert versions.kept(connection, SHOP) == []
    exchange(connection)


def test_what_is_gone_meanwhile_is_named(connection: Connection) -> None:
    connection.execute("drop table analytics.kept")
    with pytest.raises(UserError, match=r"analytics\.kept is no more"):
        exchange(connection)


def test_a_view_that_cant_read_what_would_come_keeps_it_from_coming(
    connection: Connection,
) -> None:
    before = places(connection)
    connection.execute(
        "alter table analytics.kept add name text;"
        "create view public.needs as select name from analytics.kept"
    )
    with pytest.raises(UserError, match=r"the view public\.needs can't read what takes its place"):
        exchange(connection)
    assert places(connection) == before


def test_who_began_before_the_filling_is_waited_for_and_named(
    connection: Connection, database: Database
) -> None:
    """It would find what was filled since then empty."""
    with database.connect() as reader, reader.transaction():
        reader.execute(b"set transaction isolation level repeatable read")
        pid = reader.execute(b"select pg_backend_pid() as pid, count(*) from raw.orders").fetchone()
        assert pid
        with pytest.raises(UserError, match=rf"\(process {_first(pid)}\)"):
            checks.wait_for_snapshots(connection, time.monotonic() + 0.5)
    checks.wait_for_snapshots(connection, time.monotonic())


def _first(row: Any) -> Any:
    return next(iter(row.values())) if isinstance(row, dict) else row[0]


def test_two_deploys_at_once_are_one_too_many(connection: Connection, database: Database) -> None:
    with closing(connect(database.env)) as other, alone(other, SHOP):
        with pytest.raises(UserError, match="Another deploy is under way"), alone(connection, SHOP):
            pass
        with alone(connection, replace(SHOP, target="pr_12")):
            pass
    with alone(connection, SHOP):
        pass


def test_what_wouldnt_survive_it_is_in_the_way(connection: Connection) -> None:
    for situation, obstacle in OBSTACLES.items():
        with connection.transaction(force_rollback=True):
            connection.execute(situation.encode())
            (found,) = versions.exchangeable(connection, [MOVES[0]])
        assert len(found["obstacles"]) == 1 and obstacle in found["obstacles"][0]
    (found,) = versions.exchangeable(connection, [MOVES[0]])
    assert found["obstacles"] == []


def test_a_long_name_has_room_for_a_version() -> None:
    version: Version = versions.following(["a" * 63, "a" * 62 + "b"], versions.now())
    assert len(set(version.schemas.values())) == 2
    assert max(map(len, version.schemas.values())) <= 63
