"""What goes with a stream table, and what stays."""

from __future__ import annotations

from tests.conformance.stream_tables import (
    create,
    create_or_replace,
    error,
    exists,
    info,
    refresh,
    rows,
    sqlstate,
)
from tests.support.postgres import Database

DROP = "select pgtrickle.drop_stream_table('shop.st')"


def test_table_catalog_row_and_triggers_go(shop: Database) -> None:
    create(shop, "shop.st", "select id from shop.orders")

    shop.query(DROP)

    assert not exists(shop, "shop.st")
    assert shop.value("select count(*) from pgtrickle.pgt_stream_tables") == 0
    assert (
        shop.value("select count(*) from pg_trigger where tgrelid = 'shop.orders'::regclass") == 0
    )
    assert shop.value("select count(*) from pgtrickle.check_cdc_health()") == 0


def test_plain_views_on_it_go_too(shop: Database) -> None:
    create(shop, "shop.st", "select id from shop.orders")
    shop.execute("create view shop.reader as select id from shop.st")

    shop.query(DROP)

    assert not exists(shop, "shop.reader")


def test_it_is_refused_while_stream_tables_read_from_it(shop: Database) -> None:
    create(shop, "shop.st", "select id from shop.orders")
    create(shop, "shop.down", "select id from shop.st")

    failure = error(shop, DROP)

    assert failure.sqlstate == "22023"
    assert "shop.down" in str(failure)
    assert exists(shop, "shop.st")


def test_cascade_takes_the_stream_tables_on_it(shop: Database) -> None:
    create(shop, "shop.st", "select id from shop.orders")
    create(shop, "shop.down", "select id from shop.st")
    create(shop, "shop.bottom", "select id from shop.down")

    shop.query("select pgtrickle.drop_stream_table('shop.st', cascade => true)")

    assert shop.value("select count(*) from pgtrickle.pgt_stream_tables") == 0
    assert not exists(shop, "shop.bottom")


def test_a_reader_bound_to_an_earlier_table_does_not_stop_it_and_stays_active(
    shop: Database,
) -> None:
    create(shop, "shop.st", "select id, id as x from shop.orders")
    create(shop, "shop.down", "select id from shop.st")
    create_or_replace(shop, "shop.st", "select id, id::text as x from shop.orders")

    shop.query(DROP)

    assert info(shop, "shop.down")["status"] == "ACTIVE"
    assert sqlstate(shop, "select pgtrickle.refresh_stream_table('shop.down')") is not None


def test_dropping_the_table_itself_removes_the_catalog_row(shop: Database) -> None:
    create(shop, "shop.st", "select id from shop.orders")

    shop.execute("drop table shop.st")

    assert shop.value("select count(*) from pgtrickle.pgt_stream_tables") == 0


def test_dropping_the_schema_removes_the_catalog_rows(shop: Database) -> None:
    shop.execute("create schema marts")
    create(shop, "marts.st", "select id from shop.orders")

    shop.execute("drop schema marts cascade")

    assert shop.value("select count(*) from pgtrickle.pgt_stream_tables") == 0
    shop.execute("insert into shop.orders values (9, 'cy', 1, null)")


def test_a_leftover_buffer_blocks_every_write_until_the_triggers_are_rebuilt(
    shop: Database,
) -> None:
    write = "insert into shop.orders values (9, 'cy', 1, null)"
    create(shop, "shop.st", "select id, customer from shop.orders")
    shop.query(DROP)
    create(shop, "shop.st", "select id, amount from shop.orders")

    codes = [
        sqlstate(shop, statement)
        for statement in (
            write, "update shop.orders set note = 'z'", "delete from shop.orders where id = 1",
        )
    ]  # fmt: skip
    shop.query("select pgtrickle.repair_stream_table('shop.st')")
    codes.append(sqlstate(shop, write))
    shop.query("select pgtrickle.rebuild_cdc_triggers()")
    shop.execute(write)
    refresh(shop, "shop.st")

    assert codes == ["42703"] * 4
    assert len(rows(shop, "select id from shop.st")) == 5


def test_drop_create_and_rebuild_in_one_transaction_leave_the_source_writable(
    shop: Database,
) -> None:
    create(shop, "shop.st", "select id, customer from shop.orders")
    shop.execute(
        f"{DROP}; select pgtrickle.create_stream_table("
        "'shop.st', 'select id, amount from shop.orders', '1h', 'DIFFERENTIAL'); "
        "select pgtrickle.rebuild_cdc_triggers()"
    )
    shop.execute("insert into shop.orders values (9, 'cy', 1, null)")
    refresh(shop, "shop.st")

    assert rows(shop, "select id, amount from shop.st") == rows(
        shop, "select id, amount from shop.orders"
    )


def test_the_same_query_given_to_alter_does_it_too(shop: Database) -> None:
    create(shop, "shop.st", "select id, customer from shop.orders")
    query = "select id, amount from shop.orders"
    shop.execute(
        f"{DROP}; "
        f"select pgtrickle.create_stream_table('shop.st', '{query}', '1h', 'DIFFERENTIAL'); "
        f"select pgtrickle.alter_stream_table('shop.st', query => '{query}')"
    )
    shop.execute("insert into shop.orders values (9, 'cy', 1, null)")
    refresh(shop, "shop.st")

    assert len(rows(shop, "select id from shop.st")) == 5


def test_a_failing_create_rolls_back_to_the_old_one_still_maintained(shop: Database) -> None:
    create(shop, "shop.st", "select id, customer from shop.orders")

    code = sqlstate(
        shop,
        "do $$ begin perform 1 from (select pgtrickle.drop_stream_table('shop.st')) as dropped; "
        "perform pgtrickle.create_stream_table('shop.st', 'select no from shop.orders', '1h'); "
        "end $$",
    )
    shop.execute("insert into shop.orders values (9, 'cy', 1, null)")
    refresh(shop, "shop.st")

    assert code == "42703"
    assert len(rows(shop, "select id from shop.st")) == 5
