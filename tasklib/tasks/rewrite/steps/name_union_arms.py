"""The same column names in every arm of a UNION."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.tree import Tree, output_names


def name_union_arms(tree: Tree, _schema: Schema) -> Iterator[Tree]:
    """`select a from x union all select b from y` as `select a … union all select b as a …`."""
    changed = tree.copy()
    renamed = False
    for operation in changed.find_all(exp.SetOperation):
        names = output_names(operation)
        for arm in operation.find_all(exp.Select):
            if _set_operation_of(arm) is operation and output_names(arm) != names:
                arm.set("expressions", [*map(_named, arm.expressions, names)])
                renamed = True
    if renamed:
        yield changed


def _set_operation_of(select: Tree) -> Tree:
    """The outermost set operation that a SELECT is an arm of."""
    node = select
    while isinstance(node.parent, (exp.SetOperation, exp.Subquery)) and node.arg_key in {
        "this",
        "expression",
    }:
        node = node.parent
    return node


def _named(item: Tree, name: str) -> Tree:
    return exp.alias_(item.unalias(), name)
