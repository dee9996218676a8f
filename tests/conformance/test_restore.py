"""After pg_dump and pg_restore the catalog's rows point at the old database's tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.stream_tables import create, info, refresh, rows, sqlstate
from tests.support.postgres import Database, Server
from tests.support.restore import restored

NEW_ORDER = "insert into shop.orders values ({}, 'cy', 1, null)"


@pytest.fixture(name="restored")
def _restored(shop: Database, server: Server, tmp_path: Path) -> Iterator[Database]:
    """Another database with what a dump of the shop and of three stream tables takes along."""
    create(shop, "shop.st", "select id, amount from shop.orders")
    create(shop, "shop.total", "select count(*) as n from shop.st")
    create(shop, "shop.now", "select id, customer from shop.orders", None, "IMMEDIATE")
    with restored(server, shop, tmp_path) as other:
        yield other


def test_the_entries_name_tables_of_the_old_database(restored: Database) -> None:
    assert rows(
        restored,
        "select st.pgt_name, relation.oid from pgtrickle.pgt_stream_tables as st "
        "left join pg_class as relation on relation.oid = st.pgt_relid",
    ) == [("now", None), ("st", None), ("total", None)]
    assert rows(
        restored,
        "select dependency.source_type, relation.oid from pgtrickle.pgt_dependencies as dependency "
        "left join pg_class as relation on relation.oid = dependency.source_relid",
    ) == [("STREAM_TABLE", None), ("TABLE", None), ("TABLE", None)]


def test_later_changes_never_arrive_and_nothing_says_so(restored: Database) -> None:
    restored.execute(NEW_ORDER.format(9))
    refresh(restored, "shop.st")

    assert rows(restored, "select count(*) from shop.st") == [(4,)]
    assert rows(restored, "select count(*) from shop.now") == [(4,)]
    assert info(restored, "shop.st")["status"] == "ACTIVE"


def test_a_repair_brings_it_up_to_date_once(restored: Database) -> None:
    restored.execute(NEW_ORDER.format(9))
    restored.query("select pgtrickle.repair_stream_table('shop.st')")
    refresh(restored, "shop.st")
    assert rows(restored, "select count(*) from shop.st") == [(5,)]

    restored.execute(NEW_ORDER.format(10))
    refresh(restored, "shop.st")
    assert rows(restored, "select count(*) from shop.st") == [(5,)]


def test_they_can_be_neither_dropped_nor_altered(restored: Database) -> None:
    assert sqlstate(restored, "select pgtrickle.drop_stream_table('shop.total')") == "42501"
    assert sqlstate(
        restored, "select pgtrickle.alter_stream_table('shop.total', schedule => '2h')"
    ) == "42501"  # fmt: skip


def test_new_ones_collide_with_the_restored_until_the_sequence_is_set(restored: Database) -> None:
    new = "select pgtrickle.create_stream_table('shop.new', 'select id from shop.payments', '1h')"
    assert sqlstate(restored, new) == "23505"

    restored.query(
        "select setval(pg_get_serial_sequence('pgtrickle.pgt_stream_tables', 'pgt_id'), "
        "(select max(pgt_id) from pgtrickle.pgt_stream_tables))"
    )
    restored.query(new)
    restored.execute("insert into shop.payments values (9)")
    refresh(restored, "shop.new")
    assert rows(restored, "select count(*) from shop.new") == [(3,)]
