"""What kind of query a SELECT is."""

from __future__ import annotations

from sqlglot import exp

from tasklib.rewrite.tree import Tree, own, sources


def only(select: Tree, *parts: str) -> bool:
    """Whether a SELECT has no other clause than its columns, its FROM and these."""
    allowed = {"expressions", "from", "from_", *parts, *(f"{name}_" for name in parts)}
    return all(name in allowed for name, value in select.args.items() if value)


def is_aggregated(select: Tree) -> bool:
    """Whether a SELECT's rows are groups."""
    return bool(select.args.get("group") or select.args.get("having")) or any(
        not isinstance(call.parent, exp.Window) and call.find_ancestor(exp.Window) is None
        for item in select.expressions
        for call in own(item, exp.AggFunc)
    )


def sole_query(select: Tree) -> Tree | None:
    """The SELECT that is the only thing a SELECT reads."""
    read = sources(select)
    if len(read) == 1 and isinstance(read[0], exp.Subquery):
        inner = read[0].this
        return inner if isinstance(inner, exp.Select) else None
    return None


def as_source(query: Tree, alias: str) -> Tree:
    """A query as something to read from."""
    return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(alias)))
