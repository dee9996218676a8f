"""What a role without rights may not do."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tasklib.catalog.queries import render
from tests.conformance.stream_tables import create
from tests.support.postgres import Database

ROLE = "conformance_reader"


@pytest.fixture
def reader(shop: Database) -> Iterator[psycopg.Connection]:
    """A connection that acts as a role which may read the catalog, the source and nothing else."""
    create(shop, "shop.st", "select id from shop.orders")
    with shop.connect() as connection:
        connection.execute(
            f"drop role if exists {ROLE}; create role {ROLE}; "
            f"grant usage on schema pgtrickle, shop to {ROLE}; "
            f"grant select on all tables in schema pgtrickle, shop to {ROLE}; set role {ROLE}"
        )
        yield connection
        connection.execute(f"reset role; drop owned by {ROLE}; drop role {ROLE}")


@pytest.mark.parametrize(
    "statement",
    [
        "select * from pgtrickle.pg_stat_stream_tables",
        "select * from pgtrickle.check_cdc_health()",
        "select * from pgtrickle.health_check()",
        "select * from pgtrickle.pgt_status()",
        "select pgtrickle.version()",
    ],
)
def test_usage_and_select_are_enough_to_look(reader: psycopg.Connection, statement: str) -> None:
    assert reader.execute(statement.encode()).fetchall()


@pytest.mark.parametrize(
    "call",
    [
        "create_stream_table('shop.mine', 'select id from shop.orders', '1h', 'FULL')",
        "alter_stream_table('shop.st', schedule => '5m')",
        "refresh_stream_table('shop.st')",
        "drop_stream_table('shop.st')",
    ],
)
def test_they_are_not_enough_to_create_alter_refresh_or_drop(
    reader: psycopg.Connection, call: str
) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(f"select pgtrickle.{call}".encode())


def test_without_select_on_the_catalog_creating_is_refused(shop: Database) -> None:
    if shop.extension == "pg_trickle":
        pytest.skip("the real extension aborts the whole server here")
    with shop.connect() as connection:
        connection.execute(f"drop role if exists {ROLE}; create role {ROLE}; ")
        connection.execute(f"grant usage on schema pgtrickle to {ROLE}; set role {ROLE}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(
                "select pgtrickle.create_stream_table('shop.mine', 'select id from shop.orders')"
            )
        connection.execute(f"reset role; drop owned by {ROLE}; drop role {ROLE}")


def test_the_least_rights_are_enough_to_create_and_refresh(shop: Database) -> None:
    create(shop, "shop.other", "select id, amount from shop.orders")
    with shop.connect() as connection:
        connection.execute(
            f"drop role if exists {ROLE}; create role {ROLE}; "
            f"grant usage on schema pgtrickle to {ROLE}; "
            f"grant select on all tables in schema pgtrickle to {ROLE}; "
            f"grant usage on all sequences in schema pgtrickle to {ROLE}; "
            f"grant usage, create on schema pgtrickle_changes, shop to {ROLE}; "
            f"grant select, insert, trigger on shop.payments to {ROLE}"
        )
        granted = connection.execute(f"select {render('pgtrickle__write_grant')} as it".encode())
        connection.execute(
            f"grant {granted.fetchall()[0]['it']} to {ROLE}; set role {ROLE}".encode()
        )
        connection.execute(
            "select pgtrickle.create_stream_table("
            "'shop.mine', 'select id, paid from shop.payments', '1h', 'DIFFERENTIAL')"
        )
        connection.execute("insert into shop.payments values (9, 1, 1)")
        connection.execute("select pgtrickle.refresh_stream_table('shop.mine')")
        found = connection.execute("select count(*) as n from shop.mine").fetchone()
        connection.execute("reset role")
        connection.execute("select pgtrickle.drop_stream_table('shop.mine')")
        connection.execute(f"drop owned by {ROLE} cascade; drop role {ROLE}")

    assert found == {"n": 3}
