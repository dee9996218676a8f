"""A candidate is proven piece by piece, and all its stream tables at once."""

from __future__ import annotations

import pytest

from tasklib.tasks.rewrite.pieces import Piece
from tasklib.tasks.rewrite.proof import KEYLESS, Prover
from tasklib.tasks.rewrite.schema import read_schema
from tasklib.tasks.rewrite.search import Candidate, Obstacle
from tasklib.tasks.rewrite.steps.key import key_of
from tasklib.tasks.rewrite.tree import parse, qualified, sources
from tests.rewrite.shop import SCHEMA, TABLES, spelt_out
from tests.support.postgres import Database

PART = "select order_id, count(quantity) as n from shop.lines group by order_id"
MODEL = "select o.id, part.n from shop.orders o join part on part.order_id = o.id"
WHOLE = f"select o.id, part.n from shop.orders o join ({PART}) as part on part.order_id = o.id"
VIEWS = """
    create view shop.renamed as
    with source as (select * from shop.orders), renamed as (select id as order_id, at from source)
    select * from renamed where at > '2026-01-01';
    create view shop.grouped as select at, count(*) as n from shop.orders group by at;
    create view shop.without as select at, kind from shop.orders;
"""


def examined(database: Database, *pieces: tuple[str, str]) -> Obstacle | None:
    """What stands in the way of stream tables with these names and queries."""
    database.execute(TABLES)
    held = tuple(Piece(name, spelt_out(query)) for name, query in pieces)
    return Prover(database.connect, WHOLE).examine(Candidate(held))


def test_stream_tables_on_tables_with_keys_are_proven(database: Database) -> None:
    assert examined(database, ("part", PART), ("", MODEL)) is None


def test_what_another_reads_stands_on_tables_with_keys(database: Database) -> None:
    database.execute("create schema other; create table other.lines (order_id int, quantity int)")
    database.execute("insert into other.lines select i % 9, i from generate_series(1, 30) i")
    database.execute(TABLES)
    part = PART.replace("shop.lines", "other.lines")
    whole = WHOLE.replace("shop.lines", "other.lines")
    pieces = (Piece("part", parse(part)), Piece("", spelt_out(MODEL)))
    obstacle = Prover(database.connect, whole).examine(Candidate(pieces))
    assert obstacle == Obstacle(0, "fails", KEYLESS, KEYLESS)


@pytest.mark.parametrize(
    ("source", "key"),
    [
        ("shop.orders as x", ("id",)),
        ("shop.renamed as x", ("order_id",)),
        ("(select order_id as no from shop.renamed where at is not null) as x", ("no",)),
        ("shop.grouped as x", ()),
        ("shop.without as x", ()),
        ("(select o.id from shop.orders o join shop.lines l on l.order_id = o.id) as x", ()),
        ("(select distinct id from shop.orders) as x", ()),
    ],
)
def test_a_key_is_known_through_views_and_subqueries(
    database: Database, source: str, key: tuple[str, ...]
) -> None:
    database.execute(TABLES + VIEWS)
    tree = parse(f"select * from {source}")
    with database.connect() as connection:
        schema = read_schema(connection, tree)
    assert key_of(sources(qualified(tree, schema.names()))[0], schema) == key


def test_a_key_that_a_table_is_to_have_is_known_through_a_view(database: Database) -> None:
    database.execute(TABLES + VIEWS)
    database.execute("alter table shop.orders drop constraint orders_pkey")
    tree = parse("select * from shop.renamed")
    with database.connect() as connection:
        schema = read_schema(connection, tree)
    assert key_of(sources(tree)[0], schema) == ()
    assert key_of(sources(tree)[0], schema.with_keys({"shop.orders": ["id"]})) == ("order_id",)
    assert SCHEMA.with_keys({}).relations == SCHEMA.relations
