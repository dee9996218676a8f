"""SELECT * in a query: whether a new column of a table would become one of the result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

# sqlglot renames its nodes and their parts from version to version
Tree = Any


def star_reaches_a_table(query: str) -> bool:
    """Whether a star of the result stands for a table's columns, through CTEs and subqueries.

    Args:
        query: PostgreSQL's SQL; one that can't be read has none.

    Raises:
        ModuleNotFoundError: sqlglot is not installed.
    """
    import sqlglot  # noqa: PLC0415 only this needs it
    from sqlglot.errors import SqlglotError  # noqa: PLC0415

    try:
        return _reaches(sqlglot.parse_one(query, read="postgres"), {})
    except SqlglotError:
        return False


def _reaches(query: Tree, ctes: dict[str, Tree]) -> bool:
    from sqlglot import exp  # noqa: PLC0415 as above

    known = {**ctes, **{cte.alias: cte.this for cte in getattr(query, "ctes", ())}}
    if not isinstance(query, exp.Select):
        arms = [query.this, query.args.get("expression")]
        return any(_reaches(arm, known) for arm in arms if isinstance(arm, exp.Expression))
    return any(
        _source_reaches(source, known)
        for item in query.expressions
        if isinstance(item, exp.Star) or isinstance(getattr(item, "this", None), exp.Star)
        if not isinstance(item, exp.Func)
        for source in _sources(query)
        if not getattr(item, "table", "") or item.table == source.alias_or_name
    )


def _source_reaches(source: Tree, known: dict[str, Tree]) -> bool:
    from sqlglot import exp  # noqa: PLC0415 as above

    if not isinstance(source, exp.Table):
        return isinstance(source.this, exp.Query) and _reaches(source.this, known)
    if source.db or source.name not in known:
        return True
    # what a recursive CTE takes of itself is no table's
    return _reaches(known[source.name], {**known, source.name: exp.Select()})


def _sources(query: Tree) -> Iterator[Tree]:
    first = query.args.get("from_") or query.args.get("from")
    parts = [first, *query.args.get("joins", ()), *query.args.get("laterals", ())]
    yield from (part.this for part in parts if part)
