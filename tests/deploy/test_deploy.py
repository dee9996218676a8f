"""`invoke deploy` and `invoke rollback`, as whoever reads and writes meanwhile sees them."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest

from tasklib.tasks.deploy import versions
from tests.checks.shop import scheduler
from tests.deploy.shop import (
    BROKEN,
    CHANGED,
    STANDS_ON_IT,
    invoke,
    open_shop,
    relations,
)
from tests.materialization.shop import refresh
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database

CHANGING = ("totals", "big", "more")
STAYING = ("analytics.apart", "analytics.now", "public.mine", "public.copy")
STANDS = """
    select obj_description(oid, 'pg_class') as comment,
      exists (
        select from pg_indexes where indexname = 'mine_by_orders' and schemaname = 'analytics'
      ) as indexed,
      exists (
        select from pgtrickle.pgt_dependencies join pgtrickle.pgt_stream_tables using (pgt_id)
        where source_relid = pg_class.oid and pgt_name = 'copy'
      ) as read
    from pg_class where oid = %s
"""


@contextmanager
def traffic(database: Database) -> Iterator[list[str]]:
    """Somebody reads, by statements that are prepared; somebody writes. Gives what went wrong."""
    wrong: list[str] = []
    done = threading.Event()

    def read() -> None:
        with database.connect() as connection:
            connection.prepare_threshold = 0
            while not done.is_set():
                for query in (
                    "select count(*) from analytics.totals",
                    "select count(*) from analytics.more join analytics.big using (orders)",
                    "select count(orders) from public.mine",
                ):
                    try:
                        (found,) = connection.execute(query.encode()).fetchone() or (0,)
                        if not found:
                            wrong.append(f"nothing in: {query}")
                    except psycopg.Error as error:
                        wrong.append(f"{query}: {error}")

    def write() -> None:
        with database.connect() as connection:
            while not done.is_set():
                try:
                    connection.execute(
                        b"insert into raw.orders select max(id) + 1, 'region 0', 5 from raw.orders"
                    )
                except psycopg.Error as error:
                    wrong.append(str(error))
                time.sleep(0.02)

    threads = [threading.Thread(target=act) for act in (read, write)]
    for thread in threads:
        thread.start()
    try:
        yield wrong
    finally:
        done.set()
        for thread in threads:
            thread.join()


@pytest.mark.timeout(900)
def test_a_change_takes_its_place_and_goes_back_while_others_read_and_write(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    shop = open_shop(database, dbt_project)
    reader = f"reader_{uuid.uuid4().hex[:8]}"
    database.execute(STANDS_ON_IT.format(reader=reader))
    try:
        with scheduler(database):
            _release(shop, database, reader)
    finally:
        database.execute(f"drop owned by {reader}; drop role {reader}")


def _release(shop: DbtProject, database: Database, reader: str) -> None:
    before = relations(database)
    shop.write({"models/totals.sql": BROKEN})
    told = invoke(shop, "deploy", status=1)
    assert "division by zero" in told and "Something failed beside what is in use" in told
    assert relations(database) == before

    shop.write({"models/totals.sql": CHANGED})
    with traffic(database) as wrong:
        told = invoke(shop, "deploy")
        time.sleep(0.5)
    assert wrong == []
    assert "output columns changed: + least integer" in told and "deploy: 3 beside" in told
    assert "Swapped 3 in " in told and "verify: 2 ok" in told and "cdc-health: 3 ok" in told
    after = relations(database)
    former = {name: oid for name, oid in after.items() if "analytics__" in name}
    assert sorted(former.values()) == sorted(before[f"analytics.{name}"] for name in CHANGING)
    assert {name: after[name] for name in STAYING} == {name: before[name] for name in STAYING}
    _stands_as_before(database, reader)
    assert database.value("select min(least) from analytics.totals") == 1
    _goes_on_without_a_fill(shop, database, next(iter(former)).partition(".")[0])

    fills = fills_of_ours(database)
    with traffic(database) as wrong:
        told = invoke(shop, "rollback")
    assert wrong == []
    assert "Back to what was there before in " in told
    back = relations(database)
    assert {name: back[name] for name in before} == before
    _stands_as_before(database, reader)
    refresh(database, "analytics.more")
    assert fills_of_ours(database) == fills

    assert "back  analytics.totals" in invoke(shop, "rollback", "--keep", "1 second")
    assert relations(database)["analytics.totals"] == after["analytics.totals"]
    time.sleep(1)
    told = invoke(shop, "prune", "--yes")
    assert "was kept for invoke rollback until" in told and "has no model" not in told
    assert not any("__" in name for name in relations(database))
    assert "No former version is kept here" in invoke(shop, "rollback", status=1)


def test_two_versions_within_a_second_have_names_of_their_own_that_postgresql_takes() -> None:
    schema = "s" * 60
    names = [versions.following([schema], versions.now()).schemas[schema] for _ in range(2)]
    assert names[0] != names[1]
    assert max(map(len, names)) <= 63


def _goes_on_without_a_fill(shop: DbtProject, database: Database, former: str) -> None:
    """Both versions are kept incrementally, and dbt has nothing to do."""
    fills = fills_of_ours(database)
    database.execute("insert into raw.orders select max(id) + 1, 'region 1', 9 from raw.orders")
    for schema in (former, "analytics"):
        for name in ("totals", "more"):
            refresh(database, f"{schema}.{name}")
        _follows(database, f"{schema}.totals")
    refresh(database, "public.copy")
    messages = shop.dbt("run").messages
    assert {messages[name] for name in CHANGING} == {"UNCHANGED"}
    assert fills_of_ours(database) == fills
    assert json.loads(invoke(shop, "deploy", "--dry-run", "--json"))["results"] == []


def fills_of_ours(database: Database) -> int:
    """How often all of a stream table was filled; not what isn't deployed and reads it."""
    count: int = database.value(
        "select count(*) from pgtrickle.pgt_refresh_history join pgtrickle.pgt_stream_tables"
        " using (pgt_id) where action = 'FULL' and pgt_name <> 'copy'"
    )
    return count


def _stands_as_before(database: Database, reader: str) -> None:
    """What isn't dbt's is there, on what is there now."""
    with database.connect() as connection:
        connection.execute(f"set role {reader}".encode())
        for name in ("analytics.totals", "analytics.big"):
            connection.execute(f"select from {name}".encode())
    totals = relations(database)["analytics.totals"]
    assert database.query(STANDS, totals) == [
        {"comment": "counted by region", "indexed": True, "read": True}
    ]
    _follows(database, "public.mine")


def _follows(database: Database, name: str = "analytics.totals") -> None:
    """Whether each order is counted, after a refresh."""
    refresh(database)
    assert database.value(
        f"select sum(orders)::int = (select count(*) from raw.orders) from {name}"
    )
    assert database.value("select count(*) = (select count(*) from raw.orders) from analytics.now")
