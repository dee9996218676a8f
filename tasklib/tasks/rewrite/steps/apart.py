"""Rows that a query reads, put into a stream table of their own."""

from __future__ import annotations

from sqlglot import exp

from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.steps.key import key_of
from tasklib.tasks.rewrite.tree import Tree, own, part, set_part, sources


def read_apart(select: Tree, rows: Tree, name: str, schema: Schema) -> None:
    """Have a SELECT read some rows from a stream table.

    Args:
        select: a query, without what the rows are made of any more.
        rows: the stream table's query, without columns; it gets those that are used, and the keys.
        name: the stream table's.
        schema: of what is read.
    """
    inside = {source.alias_or_name for source in sources(rows)}
    used = [column for column in own(select, exp.Column) if column.table in inside]
    keys = [
        exp.column(key, table=source.alias_or_name)
        for source in sources(rows)
        for key in key_of(source, schema)
    ]
    held: dict[str, str] = {}
    for column in [*used, *keys]:
        if column.sql() not in held:
            short = column.name
            held[column.sql()] = short if short not in held.values() else f"{column.table}_{short}"
            rows.append("expressions", exp.alias_(column.copy(), held[column.sql()]))
    for column in used:
        column.replace(exp.column(held[column.sql()], table=name))
    set_part(select, "from", exp.From(this=exp.to_table(name)))


def rows_apart(select: Tree, name: str, schema: Schema) -> Tree:
    """Take the rows out of a SELECT, which reads them by that name from then on.

    Args:
        select: a query.
        name: the stream table's.
        schema: of what is read.

    Returns:
        The stream table's query.
    """
    rows = exp.Select(expressions=[])
    for clause in ("from", "joins", "laterals", "where"):
        value = part(select, clause)
        set_part(select, clause, None)
        if value is not None:
            set_part(rows, clause, value)
    read_apart(select, rows, name, schema)
    return rows
