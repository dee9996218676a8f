"""A small shop for the conformance tests, which say the same on pg_trickle and on the stand-in."""

from __future__ import annotations

import pytest
from psycopg import sql

from tests.support.postgres import Database

SHOP = """
create schema shop;
create table shop.orders (id int primary key, customer text, amount numeric(10, 2), note text);
insert into shop.orders values
    (1, 'ann', 10, null), (2, 'ann', 20, 'x'), (3, 'bob', 5, ''), (4, null, 7.5, 'y');
create table shop.payments (id int primary key, order_id int, paid numeric);
insert into shop.payments values (1, 1, 10), (2, 2, 15);
"""


@pytest.fixture
def shop(database: Database) -> Database:
    """A database with two filled source tables, orders and payments, in the schema shop."""
    if database.extension == "pg_trickle":
        # Without it pg_trickle 0.67.0 stamps a TRUNCATE with a position before the last refresh and
        # never sees it. Sessions that are open already keep their setting: hence first of all.
        with database.connect() as connection:
            connection.execute(
                sql.SQL("alter database {} set synchronous_commit = on").format(
                    sql.Identifier(database.params["dbname"])
                )
            )
    database.execute(SHOP)
    return database
