"""Change capture: its triggers, and what its health check doesn't see."""

from __future__ import annotations

import re

import pytest

from tests.conformance.stream_tables import create, refresh, rows
from tests.support.postgres import Database

QUERY = "select id, customer from shop.orders"
DROP_TRIGGERS = """
do $$
declare found text;
begin
    for found in select tgname from pg_trigger where tgrelid = 'shop.orders'::regclass loop
        execute format('drop trigger %I on shop.orders', found);
    end loop;
end $$
"""
DISABLE_TRIGGERS = "alter table shop.orders disable trigger all"


def triggers(database: Database) -> dict[str, str]:
    """The capture triggers on shop.orders: which event, and how enabled."""
    found = database.query(
        "select tgname, tgenabled from pg_trigger where tgrelid = 'shop.orders'::regclass"
    )
    named = {
        match[1]: row["tgenabled"]
        for row in found
        if (match := re.fullmatch(r"pg_trickle_cdc_(ins|upd|del|truncate)_\w+", row["tgname"]))
    }
    assert len(named) == len(found)
    return named


@pytest.mark.quick
def test_a_source_carries_four_enabled_statement_triggers(shop: Database) -> None:
    create(shop, "shop.st", QUERY)

    assert triggers(shop) == {"ins": "O", "upd": "O", "del": "O", "truncate": "O"}
    assert shop.value("select pgtrickle.source_stable_name('shop.orders'::regclass)") in shop.value(
        "select max(tgname) from pg_trigger where tgrelid = 'shop.orders'::regclass"
    )


@pytest.mark.quick
def test_a_char_of_a_length_is_captured_whole(shop: Database) -> None:
    shop.execute("alter table shop.orders add currency char(3) not null default 'EUR'")
    create(shop, "shop.st", "select id, currency::text as currency from shop.orders")
    shop.execute("update shop.orders set currency = 'USD' where id = 1")
    refresh(shop, "shop.st")

    assert shop.value("select currency from shop.st where id = 1") == "USD"


def test_a_stream_table_used_as_a_source_needs_none(shop: Database) -> None:
    create(shop, "shop.st", QUERY)
    create(shop, "shop.down", "select id from shop.st")

    names = [row["tgname"] for row in shop.query(
        "select tgname from pg_trigger where tgrelid = 'shop.st'::regclass"
    )]  # fmt: skip
    assert not [name for name in names if "_cdc_" in name]


def test_health_has_one_line_for_a_source_with_these_columns(shop: Database) -> None:
    create(shop, "shop.st", QUERY)
    create(shop, "shop.other", "select amount from shop.orders where id > 1")

    only = shop.query("select * from pgtrickle.check_cdc_health()")
    assert [list(row) for row in only] == [[
        "source_relid", "source_table", "cdc_mode", "slot_name", "lag_bytes", "confirmed_lsn",
        "alert", "selective_capture",
    ]]  # fmt: skip
    assert (only[0]["source_table"], only[0]["cdc_mode"]) == ("shop.orders", "TRIGGER")


@pytest.mark.parametrize("damage", [DISABLE_TRIGGERS, DROP_TRIGGERS])
def test_disabled_or_dropped_triggers_lose_changes_and_no_check_says_so(
    shop: Database, damage: str
) -> None:
    create(shop, "shop.st", QUERY)
    shop.execute(damage)
    shop.execute("insert into shop.orders values (9, 'cy', 1, null)")
    refresh(shop, "shop.st")

    assert rows(shop, "select alert from pgtrickle.check_cdc_health()") == [(None,)]
    assert not rows(
        shop,
        "select detail from pgtrickle.health_check() "
        "where severity <> 'OK' and check_name <> 'scheduler_running'",
    )
    assert len(rows(shop, "select id from shop.st")) == 4


@pytest.mark.parametrize("damage", [DISABLE_TRIGGERS, DROP_TRIGGERS])
def test_rebuilding_brings_back_all_but_the_trigger_for_truncate_and_no_lost_change(
    shop: Database, damage: str
) -> None:
    create(shop, "shop.st", QUERY)
    shop.execute(damage)
    shop.execute("insert into shop.orders values (9, 'cy', 1, null)")

    said = shop.value("select pgtrickle.rebuild_cdc_triggers()")
    refresh(shop, "shop.st")

    found = triggers(shop)
    assert said == "done"
    assert (found["ins"], found["upd"], found["del"]) == ("O", "O", "O")
    assert found.get("truncate") != "O"
    assert len(rows(shop, "select id from shop.st")) == 4


def test_repairing_brings_back_all_four_and_the_lost_changes(shop: Database) -> None:
    create(shop, "shop.st", QUERY)
    shop.execute(DROP_TRIGGERS)
    shop.execute("insert into shop.orders values (9, 'cy', 1, null)")

    shop.query("select pgtrickle.repair_stream_table('shop.st')")
    refresh(shop, "shop.st")

    assert triggers(shop) == {"ins": "O", "upd": "O", "del": "O", "truncate": "O"}
    assert len(rows(shop, "select id from shop.st")) == 5


def test_the_same_query_given_to_alter_brings_back_the_changes_and_no_trigger(
    shop: Database,
) -> None:
    create(shop, "shop.st", QUERY)
    shop.execute(DROP_TRIGGERS)
    shop.execute("insert into shop.orders values (9, 'cy', 1, null)")

    shop.query("select pgtrickle.alter_stream_table('shop.st', query => %s)", QUERY)

    assert triggers(shop) == {}
    assert len(rows(shop, "select id from shop.st")) == 5


def test_a_dropped_source_stays_listed_by_its_number(shop: Database) -> None:
    create(shop, "shop.st", QUERY)
    number = shop.value("select 'shop.orders'::regclass::oid")

    shop.execute("drop table shop.orders")

    assert rows(shop, "select source_relid, source_table from pgtrickle.check_cdc_health()") == [
        (number, str(number))
    ]


def test_a_role_without_any_right_on_the_catalog_may_write_to_a_source(shop: Database) -> None:
    create(shop, "shop.st", QUERY)
    create(shop, "shop.now", QUERY, mode="IMMEDIATE")
    with shop.connect() as connection:
        connection.execute("drop role if exists conformance_writer")
        connection.execute("create role conformance_writer")
        connection.execute("grant usage on schema shop to conformance_writer")
        connection.execute("grant select, insert on shop.orders to conformance_writer")
        connection.execute("set role conformance_writer")
        connection.execute("insert into shop.orders values (9, 'cy', 1, null)")
        connection.execute("reset role")
        connection.execute("drop owned by conformance_writer")
        connection.execute("drop role conformance_writer")
    refresh(shop, "shop.st")

    assert len(rows(shop, "select id from shop.st")) == 5
    assert len(rows(shop, "select id from shop.now")) == 5


def test_buffer_sizes_name_each_source_of_each_stream_table(shop: Database) -> None:
    create(
        shop, "shop.st", "select o.id from shop.orders o join shop.payments p on p.order_id = o.id"
    )

    assert rows(
        shop, "select stream_table, source_table, cdc_mode from pgtrickle.change_buffer_sizes()"
    ) == [("shop.st", "shop.orders", "TRIGGER"), ("shop.st", "shop.payments", "TRIGGER")]
