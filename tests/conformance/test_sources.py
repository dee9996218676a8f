"""Sources that are dropped, renamed, rebuilt or change their shape."""

from __future__ import annotations

import pytest

from tests.conformance.stream_tables import (
    create,
    create_or_replace,
    error,
    info,
    oid,
    refresh,
    rows,
    sqlstate,
    states,
)
from tests.support.postgres import Database

QUERY = "select id, customer from shop.orders"

# What dbt does with a table: build a new one, rename both, drop the old one.
SWAP_TABLE = """
create table shop.orders_new (like shop.orders including all);
insert into shop.orders_new values (100, 'new', 1, null);
alter table shop.orders rename to orders_old;
alter table shop.orders_new rename to orders;
"""
SWAP_VIEW = """
create view shop.staged_new as select id, customer from shop.orders;
alter view shop.staged rename to staged_old;
alter view shop.staged_new rename to staged;
"""


@pytest.fixture
def staged(shop: Database) -> Database:
    """A shop with a view, shop.staged, and a stream table on it, shop.st."""
    shop.execute("create view shop.staged as select id, customer from shop.orders")
    create(shop, "shop.st", "select id, customer from shop.staged")
    return shop


def rebind(database: Database, query: str = QUERY) -> None:
    """Give shop.st its query again."""
    database.query("select pgtrickle.alter_stream_table('shop.st', query => %s)", query)


def is_bound(database: Database, source: str) -> bool:
    """Whether shop.st depends on the relation that has this name now."""
    return bool(
        database.value(
            "select exists (select from pgtrickle.pgt_dependencies where source_relid = %s)",
            oid(database, source),
        )
    )


def test_dropping_a_source_table_puts_it_into_error_without_a_word(shop: Database) -> None:
    create(shop, "shop.st", QUERY)

    shop.execute("drop table shop.orders")

    found = info(shop, "shop.st")
    assert (found["status"], found["last_error_message"]) == ("ERROR", None)


def test_dropping_a_source_view_puts_it_into_error(staged: Database) -> None:
    staged.execute("drop view shop.staged")

    assert info(staged, "shop.st")["status"] == "ERROR"


def test_the_stream_tables_further_down_stay_active(shop: Database) -> None:
    create(shop, "shop.st", QUERY)
    create(shop, "shop.down", "select id from shop.st")

    shop.execute("drop table shop.orders")

    assert states(shop, ["shop.st", "shop.down"]) == ["ERROR", "ACTIVE"]


def test_renaming_a_source_is_allowed_and_no_error(shop: Database) -> None:
    create(shop, "shop.st", QUERY)

    shop.execute("alter table shop.orders rename to purchases")

    assert info(shop, "shop.st")["status"] == "ACTIVE"


def test_a_rebuilt_source_table_is_a_dropped_one(shop: Database) -> None:
    create(shop, "shop.st", QUERY)
    shop.execute(SWAP_TABLE)
    renamed = info(shop, "shop.st")["status"]

    shop.execute("drop table shop.orders_old")

    assert (renamed, info(shop, "shop.st")["status"]) == ("ACTIVE", "ERROR")
    assert not is_bound(shop, "shop.orders")


def test_a_rebuilt_source_view_is_a_dropped_one(staged: Database) -> None:
    staged.execute(SWAP_VIEW)
    staged.execute("drop view shop.staged_old")

    assert info(staged, "shop.st")["status"] == "ERROR"


def test_the_same_definition_after_a_rebuild_leaves_it_in_error(shop: Database) -> None:
    create(shop, "shop.st", QUERY)
    shop.execute(SWAP_TABLE + "drop table shop.orders_old")

    create_or_replace(shop, "shop.st", QUERY)

    assert info(shop, "shop.st")["status"] == "ERROR"


def test_the_same_query_given_to_alter_binds_it_to_the_new_source(shop: Database) -> None:
    create(shop, "shop.st", QUERY)
    shop.execute(SWAP_TABLE + "drop table shop.orders_old")

    rebind(shop)
    filled = rows(shop, "select id from shop.st")
    shop.execute("insert into shop.orders values (101, 'newer', 1, null)")
    refresh(shop, "shop.st")

    assert filled == [(100,)]
    assert info(shop, "shop.st")["status"] == "ACTIVE"
    assert is_bound(shop, "shop.orders")
    assert rows(shop, "select id from shop.st") == [(100,), (101,)]


@pytest.mark.parametrize("remedy", ["repair", "resume"])
def test_repairing_or_resuming_says_active_and_sees_no_later_change(
    shop: Database, remedy: str
) -> None:
    create(shop, "shop.st", QUERY)
    shop.execute(SWAP_TABLE + "drop table shop.orders_old")

    shop.query(f"select pgtrickle.{remedy}_stream_table('shop.st')")
    refresh(shop, "shop.st")
    before = rows(shop, "select id from shop.st")
    shop.execute("insert into shop.orders values (101, 'newer', 1, null)")
    refresh(shop, "shop.st")

    assert info(shop, "shop.st")["status"] == "ACTIVE"
    assert rows(shop, "select id from shop.st") == before
    assert not is_bound(shop, "shop.orders")


def test_a_view_is_kept_as_a_source_beside_the_tables_it_reads(staged: Database) -> None:
    found = info(staged, "shop.st")

    assert found["original_query"] == "select id, customer from shop.staged"
    assert "shop.orders" in found["defining_query"]
    listed = "select source_table, source_type from pgtrickle.list_sources('shop.st')"
    assert rows(staged, listed) == [("shop.orders", "TABLE"), ("shop.staged", "VIEW")]


def test_changes_under_a_view_arrive(staged: Database) -> None:
    staged.execute("insert into shop.orders values (9, 'cy', 1, null)")

    refresh(staged, "shop.st")

    assert len(rows(staged, "select id from shop.st")) == 5


@pytest.mark.parametrize("condition", ["", " where id > 2"])
def test_replacing_a_source_view_asks_for_one_full_refresh_even_with_the_same_text(
    staged: Database, condition: str
) -> None:
    text = f"select id, customer from shop.orders{condition}"
    staged.execute(f"create or replace view shop.staged as {text}")
    marked = info(staged, "shop.st")["needs_reinit"]

    refresh(staged, "shop.st")

    assert marked
    assert not info(staged, "shop.st")["needs_reinit"]
    assert rows(staged, "select id, customer from shop.st") == rows(staged, text)


def test_a_view_that_is_left_alone_costs_nothing(staged: Database) -> None:
    before = info(staged, "shop.st")["data_timestamp"]

    create_or_replace(staged, "shop.st", "select id, customer from shop.staged")

    assert info(staged, "shop.st")["data_timestamp"] == before


@pytest.mark.parametrize(
    "change", ["add column extra int", "drop column note", "alter column note type varchar(5)"]
)
def test_columns_of_a_source_are_not_added_dropped_or_retyped(shop: Database, change: str) -> None:
    create(shop, "shop.st", QUERY)

    failure = error(shop, f"alter table shop.orders {change}")

    assert failure.sqlstate == "XX000"
    assert "block_source_ddl" in str(failure)


@pytest.mark.parametrize(
    ("change", "reinit"), [("add column extra int", False), ("drop column note", True)]
)
def test_with_the_block_off_a_lost_column_asks_for_a_refill(
    shop: Database, change: str, reinit: bool
) -> None:
    create(shop, "shop.st", QUERY)
    with shop.connect() as connection:
        connection.execute("set pg_trickle.block_source_ddl = off")
        connection.execute(f"alter table shop.orders {change}".encode())
    shop.execute("insert into shop.orders (id, customer) values (9, 'cy')")
    found = info(shop, "shop.st")
    refresh(shop, "shop.st")

    assert (found["status"], found["needs_reinit"]) == ("ACTIVE", reinit)
    assert rows(shop, "select id, customer from shop.st") == rows(shop, QUERY)


@pytest.mark.parametrize(
    "statement",
    [
        "alter table shop.orders alter column note set default 'none'",
        "alter table shop.orders alter column amount set not null",
        "alter table shop.orders add constraint positive check (id > 0)",
        "create index on shop.orders (customer)",
        "alter table shop.payments add column extra int",
    ],
)
def test_other_changes_of_a_source_and_of_other_tables_are_allowed(
    shop: Database, statement: str
) -> None:
    create(shop, "shop.st", QUERY)

    shop.execute(statement)

    assert not info(shop, "shop.st")["needs_reinit"]


def test_a_renamed_source_column_blocks_writes_until_the_triggers_are_rebuilt(
    shop: Database,
) -> None:
    create(shop, "shop.st", "select id, customer from shop.orders")
    shop.execute("alter table shop.orders rename column customer to buyer")
    write = "insert into shop.orders (id, buyer) values (9, 'cy')"

    assert sqlstate(shop, write) == "42703"
    shop.query("select pgtrickle.rebuild_cdc_triggers()")
    shop.execute(write)


def test_a_partitioned_source_works(shop: Database) -> None:
    shop.execute(
        "create table shop.parts (id int primary key, v int) partition by range (id); "
        "create table shop.parts_1 partition of shop.parts for values from (0) to (100); "
        "insert into shop.parts values (1, 1)"
    )
    create(shop, "shop.st", "select id, v from shop.parts")
    shop.execute("insert into shop.parts values (2, 2)")

    refresh(shop, "shop.st")

    assert rows(shop, "select id from shop.st") == [(1,), (2,)]


def test_quoted_names_with_upper_case_work_as_sources(shop: Database) -> None:
    shop.execute(
        'create table shop."Big" ("Id" int primary key); insert into shop."Big" values (1)'
    )
    create(shop, "shop.st", 'select "Id" from shop."Big"')
    shop.execute('insert into shop."Big" values (2)')

    refresh(shop, "shop.st")

    assert rows(shop, 'select "Id" from shop.st') == [(1,), (2,)]
