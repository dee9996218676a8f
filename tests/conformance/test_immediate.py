"""IMMEDIATE: refreshed inside the writer's transaction."""

from __future__ import annotations

import psycopg
import pytest

from tests.conformance.stream_tables import create, info, rows
from tests.support.postgres import Database

TOTALS = "select customer, count(*) as n, sum(id) as ids from shop.orders group by customer"


@pytest.mark.parametrize(
    "write",
    [
        "insert into shop.orders values (9, 'cy', 1, null)",
        "update shop.orders set customer = 'bob' where id = 1",
        "delete from shop.orders where id = 3",
    ],
)
def test_a_write_is_there_at_once(shop: Database, write: str) -> None:
    create(shop, "shop.st", TOTALS, mode="IMMEDIATE")

    shop.execute(write)

    assert rows(shop, "select customer, n, ids from shop.st") == rows(shop, TOTALS)


def test_a_truncate_empties_it_at_once(shop: Database) -> None:
    create(shop, "shop.st", "select id, customer from shop.orders", mode="IMMEDIATE")

    shop.execute("truncate shop.orders")

    assert rows(shop, "select id from shop.st") == []


def test_it_is_seen_by_the_writer_and_rolls_back_with_it(shop: Database) -> None:
    create(shop, "shop.st", TOTALS, mode="IMMEDIATE")
    with shop.connect(autocommit=False) as connection:
        connection.execute("insert into shop.orders values (9, 'cy', 1, null)")
        inside = connection.execute("select n from shop.st where customer = 'cy'").fetchall()
        connection.rollback()

    assert inside == [{"n": 1}]
    assert rows(shop, "select customer, n, ids from shop.st") == rows(shop, TOTALS)


def test_its_staleness_grows_from_the_last_write_and_stale_says_nothing(shop: Database) -> None:
    create(shop, "shop.st", TOTALS, mode="IMMEDIATE")
    created = info(shop, "shop.st")
    shop.execute("insert into shop.orders values (9, 'cy', 1, null)")

    written, later = info(shop, "shop.st"), info(shop, "shop.st")
    assert written["last_refresh_at"] > created["last_refresh_at"]
    assert later["last_refresh_at"] == written["last_refresh_at"]
    assert later["staleness"] > written["staleness"]
    assert later["stale"] is None


def test_a_source_of_immediate_ones_only_has_no_capture_triggers(shop: Database) -> None:
    create(shop, "shop.st", TOTALS, mode="IMMEDIATE")

    names = [row["tgname"] for row in shop.query(
        "select tgname from pg_trigger where tgrelid = 'shop.orders'::regclass"
    )]  # fmt: skip
    assert names
    assert all(name.startswith("pgt_ivm_") for name in names)


def test_dropping_it_takes_its_triggers_along(shop: Database) -> None:
    create(shop, "shop.st", TOTALS, mode="IMMEDIATE")

    shop.query("select pgtrickle.drop_stream_table('shop.st')")

    assert (
        shop.value("select count(*) from pg_trigger where tgrelid = 'shop.orders'::regclass") == 0
    )


@pytest.mark.parametrize(
    "call",
    [
        "drop_stream_table('shop.st')",
        f"alter_stream_table('shop.st', query => '{TOTALS}')",
    ],
)
def test_once_a_source_is_dropped_nothing_changes_or_drops_it(shop: Database, call: str) -> None:
    create(shop, "shop.st", TOTALS, mode="IMMEDIATE")
    shop.execute("create table shop.new (like shop.orders); drop table shop.orders cascade;"
                 "alter table shop.new rename to orders")  # fmt: skip

    with pytest.raises(psycopg.errors.SyntaxError, match="syntax error at or near"):
        shop.query(f"select pgtrickle.{call}")


def test_a_source_of_immediate_ones_only_is_not_renamed(shop: Database) -> None:
    create(shop, "shop.st", TOTALS, mode="IMMEDIATE")

    with pytest.raises(psycopg.errors.UndefinedTable, match="changes_"):
        shop.execute("alter table shop.orders rename to former")

    create(shop, "shop.other", TOTALS)
    shop.execute("alter table shop.orders rename to former")
