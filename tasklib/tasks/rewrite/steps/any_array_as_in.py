"""`= any(array(select …))` as IN."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.tree import Tree


def any_array_as_in(tree: Tree, _schema: Schema) -> Iterator[Tree]:
    """`x = any(array(select y …))` and `x = any(select y …)` as `x in (select y …)`."""
    changed = tree.copy()
    found = [node for node in changed.find_all(exp.EQ) if _query_in(node) is not None]
    for node in found:
        node.replace(exp.In(this=node.this.copy(), query=exp.Subquery(this=_query_in(node))))
    if found:
        yield changed


def _query_in(equality: Tree) -> Tree | None:
    inner = equality.expression
    if not isinstance(inner, exp.Any):
        return None
    inner = inner.this.unnest()
    if isinstance(inner, exp.Array) and len(inner.expressions) == 1:
        inner = inner.expressions[0].unnest()
    return inner.copy() if isinstance(inner, exp.Select) else None
