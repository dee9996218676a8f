"""How stream tables are named."""

from __future__ import annotations

import pytest

from tests.conformance.stream_tables import CREATE, create, info, refresh, sqlstate
from tests.support.postgres import Database

QUERY = "select id from shop.orders"


@pytest.mark.parametrize("name", ["shop.order", "shop.1abc", "shop." + "x" * 63])
def test_reserved_words_digits_and_63_characters_are_names(shop: Database, name: str) -> None:
    create(shop, name, QUERY)

    assert info(shop, name)["status"] == "ACTIVE"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("shop.MyTable", "42P01"),
        ('shop."MyTable"', "42P01"),
        ("shop.my table", "42602"),
        ("shop.my-table", "42601"),
        ("shop.a.b", "0A000"),
        ("", "42601"),
        ("shop.it's", "42601"),
        ("nowhere.orders", "3F000"),
    ],
)
def test_a_name_that_a_storage_table_cannot_have_is_refused(
    shop: Database, name: str, code: str
) -> None:
    assert sqlstate(shop, CREATE, name, QUERY, "1h", "FULL") == code


def test_a_name_without_a_schema_goes_to_public(shop: Database) -> None:
    create(shop, "lonely", QUERY)

    assert info(shop, "public.lonely")["status"] == "ACTIVE"


def test_a_long_name_is_kept_whole_while_the_relation_is_cut_short(shop: Database) -> None:
    name = "shop." + "x" * 70
    create(shop, name, QUERY)

    relation = shop.value(
        "select relname from pg_class where oid = %s", info(shop, name)["pgt_relid"]
    )
    assert relation == "x" * 63


def test_a_renamed_table_keeps_its_old_name_in_the_catalog_and_for_the_functions(
    shop: Database,
) -> None:
    create(shop, "shop.before", QUERY)
    shop.execute("alter table shop.before rename to after")

    refresh(shop, "shop.before")
    assert (
        shop.value("select pgt_relid::regclass::text from pgtrickle.pgt_stream_tables")
        == "shop.after"
    )
    assert sqlstate(shop, "select pgtrickle.refresh_stream_table('shop.after')") == "42P01"


def test_dropping_by_the_old_name_leaves_the_renamed_table(shop: Database) -> None:
    create(shop, "shop.before", QUERY)
    shop.execute("alter table shop.before rename to after")

    shop.query("select pgtrickle.drop_stream_table('shop.before')")

    assert shop.value("select count(*) from pgtrickle.pgt_stream_tables") == 0
    assert shop.value("select to_regclass('shop.after') is not null")
