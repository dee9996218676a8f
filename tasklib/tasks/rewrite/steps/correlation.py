"""How a subquery hangs on the query around it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from tasklib.tasks.rewrite.steps.conditions import set_where, where
from tasklib.tasks.rewrite.tree import Tree, sources


@dataclass(frozen=True)
class Correlation:
    """A subquery's equalities with the query around it, and the subquery without them.

    Args:
        pairs: (its own value, the outer one).
        rest: the subquery without these conditions.
    """

    pairs: tuple[tuple[Tree, Tree], ...]
    rest: Tree


def correlation(select: Tree) -> Correlation | None:
    """What binds a subquery; None where it is bound otherwise than by equalities in its WHERE."""
    inside = _inside(select)
    pairs, kept = [], []
    for condition in where(select):
        pair = _pair(condition, inside)
        if pair:
            pairs.append(pair)
        else:
            kept.append(condition)
    rest = select.copy()
    set_where(rest, kept)
    return Correlation(tuple(pairs), rest) if not _reaches_out(rest, inside) else None


def reaches_out(query: Tree) -> bool:
    """Whether a query uses columns of a query around it."""
    return _reaches_out(query, _inside(query))


def _inside(query: Tree) -> set[str]:
    selects = query.find_all(exp.Select)
    return {source.alias_or_name for select in selects for source in sources(select)}


def _pair(condition: Tree, inside: set[str]) -> tuple[Tree, Tree] | None:
    if not isinstance(condition, exp.EQ):
        return None
    one, other = condition.this, condition.expression
    if not _reaches_out(one, inside) and _all_out(other, inside):
        return one.copy(), other.copy()
    if not _reaches_out(other, inside) and _all_out(one, inside):
        return other.copy(), one.copy()
    return None


def _reaches_out(node: Tree, inside: set[str]) -> bool:
    return any(column.table and column.table not in inside for column in node.find_all(exp.Column))


def _all_out(node: Tree, inside: set[str]) -> bool:
    columns = list(node.find_all(exp.Column))
    return bool(columns) and all(column.table not in inside for column in columns)
