"""Stream tables whose table was renamed, moved or replaced: the functions go by its old name."""

from __future__ import annotations

import pytest

from tests.conformance.stream_tables import (
    CREATE,
    CREATE_OR_REPLACE,
    create,
    exists,
    info,
    oid,
    refresh,
    rows,
    sqlstate,
)
from tests.support.postgres import Database

QUERY = "select id, amount from shop.orders"
REFRESH = "select pgtrickle.refresh_stream_table(%s)"
DROP = "select pgtrickle.drop_stream_table(%s)"
ALTER = "select pgtrickle.alter_stream_table(%s, schedule => '2h')"
INSERT = "insert into shop.orders values (9, 'cy', 1, null)"
ELSEWHERE = {
    "alter table shop.st rename to renamed": "shop.renamed",
    "create schema other; alter table shop.st set schema other": "other.st",
}


def entries(database: Database) -> list[tuple[object, ...]]:
    """Schema and name of every entry in the catalog."""
    return rows(database, "select pgt_schema, pgt_name from pgtrickle.pgt_stream_tables")


@pytest.mark.parametrize("rename", ELSEWHERE)
def test_the_functions_answer_to_the_old_name_and_a_refresh_with_changes_fails(
    shop: Database, rename: str
) -> None:
    create(shop, "shop.st", QUERY)
    shop.execute(rename)
    assert entries(shop) == [("shop", "st")]
    refresh(shop, "shop.st")
    shop.query(ALTER, "shop.st")
    shop.execute(INSERT)

    assert sqlstate(shop, REFRESH, "shop.st") == "42P01"
    assert info(shop, "shop.st")["status"] == "ACTIVE"
    for statement in (REFRESH, ALTER, DROP):
        assert sqlstate(shop, statement, ELSEWHERE[rename]) == "42P01"


@pytest.mark.parametrize("rename", ELSEWHERE)
def test_neither_name_can_be_created_while_the_entry_is_there(shop: Database, rename: str) -> None:
    create(shop, "shop.st", QUERY)
    shop.execute(rename)

    assert sqlstate(shop, CREATE, "shop.st", QUERY, "1h", "DIFFERENTIAL") == "42P07"
    assert sqlstate(shop, CREATE, ELSEWHERE[rename], QUERY, "1h", "DIFFERENTIAL") == "42P07"
    assert (
        sqlstate(shop, CREATE_OR_REPLACE, ELSEWHERE[rename], QUERY, "1h", "DIFFERENTIAL") == "42P07"
    )


@pytest.mark.parametrize("rename", ELSEWHERE)
def test_another_query_under_the_old_name_fails(shop: Database, rename: str) -> None:
    create(shop, "shop.st", QUERY)
    shop.execute(rename)
    other = "select id, amount, note from shop.orders"

    assert sqlstate(shop, CREATE_OR_REPLACE, "shop.st", other, "1h", "DIFFERENTIAL") == "42P01"


@pytest.mark.parametrize("rename", ELSEWHERE)
def test_dropping_the_old_name_forgets_the_entry_and_leaves_the_table(
    shop: Database, rename: str
) -> None:
    create(shop, "shop.st", QUERY)
    shop.execute(rename)
    shop.query(DROP, "shop.st")

    assert entries(shop) == []
    assert exists(shop, ELSEWHERE[rename])
    shop.execute(INSERT)


@pytest.mark.parametrize("rename", ELSEWHERE)
def test_dropping_the_table_itself_removes_the_entry(shop: Database, rename: str) -> None:
    create(shop, "shop.st", QUERY)
    shop.execute(rename)
    shop.execute(f"drop table {ELSEWHERE[rename]}")

    assert entries(shop) == []


def test_a_renamed_schema_keeps_its_old_name_in_the_catalog(shop: Database) -> None:
    create(shop, "shop.st", QUERY)
    shop.execute("alter schema shop rename to store")
    shop.execute(INSERT.replace("shop.", "store."))

    assert entries(shop) == [("shop", "st")]
    assert sqlstate(shop, REFRESH, "shop.st") == "42P01"
    assert sqlstate(shop, REFRESH, "store.st") == "42P01"
    assert sqlstate(
        shop, CREATE_OR_REPLACE, "store.st", QUERY.replace("shop.", "store."), "1h", "DIFFERENTIAL"
    ) == "42P07"  # fmt: skip
    assert sqlstate(
        shop, CREATE_OR_REPLACE, "shop.st", "select id from store.orders", "1h", "DIFFERENTIAL"
    ) in ("3F000", "42P01")
    shop.query(DROP, "shop.st")
    assert entries(shop) == []
    assert exists(shop, "store.st")


@pytest.mark.parametrize("mode", ["FULL", "IMMEDIATE"])
def test_full_fails_at_its_refresh_and_immediate_at_the_write(shop: Database, mode: str) -> None:
    create(shop, "shop.st", QUERY, "1h" if mode == "FULL" else None, mode)
    shop.execute("alter table shop.st rename to renamed")
    if mode == "FULL":
        shop.execute(INSERT)

    failing = (REFRESH, "shop.st") if mode == "FULL" else (INSERT,)
    assert sqlstate(shop, *failing) == "42P01"


def test_dropping_a_renamed_one_drops_the_plain_table_that_has_the_name_now(shop: Database) -> None:
    create(shop, "shop.st", QUERY)
    shop.execute(
        "alter table shop.st rename to renamed; create table shop.st (id int, precious text)"
    )
    shop.query(DROP, "shop.st")

    assert not exists(shop, "shop.st")
    assert exists(shop, "shop.renamed")


def test_dropping_a_renamed_one_stops_at_a_view_that_has_the_name_now(shop: Database) -> None:
    create(shop, "shop.st", QUERY)
    shop.execute("alter table shop.st rename to renamed; create view shop.st as select 1 as id")

    assert sqlstate(shop, DROP, "shop.st") == "42809"
    assert entries(shop) == [("shop", "st")]


@pytest.mark.parametrize("table_is_there", [True, False])
def test_an_entry_without_its_relation_can_be_refreshed_by_name_but_not_altered_or_dropped(
    shop: Database, table_is_there: bool
) -> None:
    create(shop, "shop.st", QUERY)
    shop.execute("update pgtrickle.pgt_stream_tables set pgt_relid = 4000000000")
    if not table_is_there:
        shop.execute("drop table shop.st")
    shop.execute(INSERT)

    if table_is_there:
        refresh(shop, "shop.st")
        assert rows(shop, "select count(*) from shop.st") == [(5,)]
    else:
        assert sqlstate(shop, REFRESH, "shop.st") == "42P01"
    for statement in (DROP, ALTER):
        assert sqlstate(shop, statement, "shop.st") == "42501"
    assert sqlstate(shop, CREATE, "shop.st", QUERY, "1h", "DIFFERENTIAL") == "42P07"
    assert entries(shop) == [("shop", "st")]


def test_an_entry_that_points_at_anothers_table_is_dropped_and_the_others_left_alone(
    shop: Database,
) -> None:
    create(shop, "shop.st", QUERY)
    shop.execute("create table shop.precious (id int)")
    shop.execute(f"update pgtrickle.pgt_stream_tables set pgt_relid = {oid(shop, 'shop.precious')}")
    shop.query(DROP, "shop.st")

    assert exists(shop, "shop.precious")
    assert not exists(shop, "shop.st")


def test_repair_names_a_missing_table(shop: Database) -> None:
    create(shop, "shop.st", QUERY)
    shop.execute("alter table shop.st rename to renamed")

    assert "storage_missing" in shop.value("select pgtrickle.repair_stream_table('shop.st')")
    assert info(shop, "shop.st")["needs_reinit"]
