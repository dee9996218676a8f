"""INTERSECT and EXCEPT as groups of what both sides give."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.steps.shape import as_source
from tasklib.tasks.rewrite.tree import Tree, output_names, part, set_part

FIRST, LAST = "in_first", "in_last"


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
    arms = [_arm(node.left, names, FIRST), _arm(node.right, names, LAST)]
    united = as_source(exp.union(*arms, distinct=False), "united")
    columns = [exp.column(name, table="united") for name in names]
    # counts: a least and a greatest value could be NULL, as far as the extension knows
    sides = exp.select(
        *columns,
        *(
            exp.alias_(exp.Count(this=exp.column(side, table="united")), side)
            for side in (FIRST, LAST)
        ),
    ).group_by(*(column.copy() for column in columns))
    set_part(sides, "from", exp.From(this=united))
    first, last = (exp.column(side, table="sides") for side in (FIRST, LAST))
    is_both = isinstance(node, exp.Intersect)
    chosen = exp.select(*(exp.column(name, table="sides") for name in names)).where(
        exp.GT(this=first, expression=exp.Literal.number(0)),
        (exp.GT if is_both else exp.EQ)(this=last, expression=exp.Literal.number(0)),
    )
    # as groups again, for the extension keeps no columns right without a key among them
    chosen = chosen.group_by(*(exp.column(name, table="sides") for name in names))
    set_part(chosen, "from", exp.From(this=as_source(sides, "sides")))
    set_part(chosen, "with", part(node, "with"))
    return chosen


def _arm(side: Tree, names: list[str], mine: str) -> Tree:
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
    for one in (FIRST, LAST):
        mark = exp.Literal.number(1) if one == mine else exp.cast(exp.Null(), "int")
        items.append(exp.alias_(mark, one))
    arm.set("expressions", items)
    return arm
