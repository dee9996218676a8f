"""What pg_trickle decides by itself: a plain stream table that only sees INSERTs is append-only."""

from __future__ import annotations

import pytest

from tests.conformance.stream_tables import create, create_or_replace, info, messages, refresh
from tests.support.postgres import Database

PLAIN = "select id, customer, amount from shop.orders"


def flag_after(database: Database, *statements: str) -> bool:
    """Whether shop.st is append-only once some statements and a refresh are through."""
    for statement in statements:
        database.execute(statement)
    refresh(database, "shop.st")
    return bool(info(database, "shop.st")["is_append_only"])


def insert(number: int) -> str:
    """A statement that inserts one order."""
    return f"insert into shop.orders values ({number}, 'cy', 1, null)"


@pytest.mark.parametrize("through", ["table", "view"])
def test_mere_inserts_make_it_append_only_and_an_update_or_delete_ends_that(
    shop: Database, through: str
) -> None:
    shop.execute("create view shop.v as select id, customer, amount from shop.orders")
    create(shop, "shop.st", PLAIN.replace("orders", "v") if through == "view" else PLAIN)
    assert not info(shop, "shop.st")["is_append_only"]

    assert flag_after(shop, insert(10))
    assert info(shop, "shop.st")["effective_refresh_mode"] == "APPEND_ONLY"
    assert flag_after(shop, insert(11))
    assert not flag_after(shop, "update shop.orders set amount = 2 where id = 10")
    assert info(shop, "shop.st")["effective_refresh_mode"] == "DIFFERENTIAL"
    assert flag_after(shop, insert(12))
    assert not flag_after(shop, insert(13), "delete from shop.orders where id = 10")


@pytest.mark.parametrize(
    "query",
    [
        "select customer, count(*) as n from shop.orders group by customer",
        "select distinct customer from shop.orders",
        "select id, amount from shop.orders where amount > 0",
        "select o.id, p.id as p from shop.orders as o join shop.payments as p on p.order_id = o.id",
        "with o as (select id, customer from shop.orders) select id, customer from o",
    ],
)
def test_other_queries_are_not_taken_for_append_only(shop: Database, query: str) -> None:
    create(shop, "shop.st", query)

    assert not flag_after(shop, insert(10))


def test_one_that_others_read_is_not_taken_for_append_only(shop: Database) -> None:
    create(shop, "shop.st", PLAIN)
    create(shop, "shop.reader", "select id, amount from shop.st")

    assert not flag_after(shop, insert(10))


def test_the_same_definition_counts_as_changed_while_append_only_and_sets_it_back(
    shop: Database,
) -> None:
    create(shop, "shop.st", PLAIN)
    assert flag_after(shop, insert(10))

    said = messages(
        shop,
        "select pgtrickle.create_or_replace_stream_table('shop.st', %s, '1h', 'DIFFERENTIAL')",
        PLAIN,
    )
    assert "identical definition" not in said
    assert not info(shop, "shop.st")["is_append_only"]
    create_or_replace(shop, "shop.st", PLAIN)
    assert info(shop, "shop.st")["status"] == "ACTIVE"
