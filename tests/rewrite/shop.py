"""Two tables and what the steps make of queries over them."""

from __future__ import annotations

from tasklib.tasks.rewrite.schema import Column, Relation, Schema
from tasklib.tasks.rewrite.tree import Tree, parse, qualified, text

# NULLs in every column that may have them, values that stand twice, orders without a line
TABLES = """
    create schema shop;
    create table shop.orders (
        id int primary key, customer int, kind text not null, amount numeric(10, 3), at date not null
    );
    create table shop.lines (id int primary key, order_id int, quantity int);
    insert into shop.orders
    select i, nullif(i % 5, 4), 'k' || i % 3, nullif((i * 37 % 101) / 7.0, 0), date '2026-01-01' + i % 7
    from generate_series(1, 24) i;
    insert into shop.lines
    select i, nullif(1 + i * 5 % 26, 7), nullif(i % 6, 4) from generate_series(1, 30) i;
"""
SCHEMA = Schema(
    {
        ("shop", "orders"): Relation(
            (
                Column("id", "integer", nullable=False),
                Column("customer", "integer"),
                Column("kind", "text", nullable=False),
                Column("amount", "numeric(10,3)"),
                Column("at", "date", nullable=False),
            ),
            ("id",),
        ),
        ("shop", "lines"): Relation(
            (
                Column("id", "integer", nullable=False),
                Column("order_id", "integer"),
                Column("quantity", "integer"),
            ),
            ("id",),
        ),
    }
)


def spelt_out(query: str) -> Tree:
    """A query as the search gives it to the steps."""
    return qualified(parse(query), SCHEMA.names())


def normal(tree: Tree) -> str:
    """A tree's text, the same for two that differ only in how columns are named."""
    return text(qualified(tree, SCHEMA.names()))
