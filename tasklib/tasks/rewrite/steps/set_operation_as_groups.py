"""INTERSECT and EXCEPT as groups of what both sides give."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.steps.shape import as_source
from tasklib.tasks.rewrite.tree import Tree, output_names, part, set_part


def set_operation_as_groups(tree: Tree, _schema: Schema) -> Iterator[Tree]:
    """`a intersect b` as the groups of `a union all b` that have rows of both, EXCEPT of one."""
    changed = exp.Subquery(this=tree.copy())
    found = [
        node
        for node in changed.find_all(exp.Intersect, exp.Except)
        if node.args.get("distinct") and not any(node.args.get(name) for name in ("order", "limit"))
    ]
    for node in reversed(found):
        node.replace(_groups(node))
    if found:
        yield changed.this


def _groups(node: Tree) -> Tree:
    names = output_names(node)
    arms = [_arm(side, names, number) for number, side in ((1, node.left), (2, node.right))]
    united = as_source(exp.union(*arms, distinct=False), "united")
    columns = [exp.column(name, table="united") for name in names]
    side = exp.column("side", table="united")
    sides = exp.select(
        *columns,
        exp.alias_(exp.Min(this=side.copy()), "first_side"),
        exp.alias_(exp.Max(this=side.copy()), "last_side"),
    ).group_by(*(column.copy() for column in columns))
    set_part(sides, "from", exp.From(this=united))
    wanted = {"first_side": 1, "last_side": 2 if isinstance(node, exp.Intersect) else 1}
    chosen = exp.select(*(exp.column(name, table="sides") for name in names)).where(
        *(exp.column(name, table="sides").eq(number) for name, number in wanted.items())
    )
    set_part(chosen, "from", exp.From(this=as_source(sides, "sides")))
    set_part(chosen, "with", part(node, "with"))
    return chosen


def _arm(side: Tree, names: list[str], number: int) -> Tree:
    if isinstance(side, exp.Select) and not side.args.get("distinct"):
        arm = side.copy()
        items = [
            exp.alias_(item.unalias(), name)
            for item, name in zip(arm.expressions, names, strict=True)
        ]
    else:
        arm = exp.select().from_(as_source(side.unnest().copy(), "arm"))
        given = output_names(side)
        items = [
            exp.alias_(exp.column(old, table="arm"), new)
            for old, new in zip(given, names, strict=True)
        ]
    arm.set("expressions", [*items, exp.alias_(exp.Literal.number(number), "side")])
    return arm
