"""A join with a list of known length, as one arm of a UNION ALL for each of its values."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.steps.shape import is_aggregated, only, united
from tasklib.tasks.rewrite.tree import Tree, own, part, set_part

LONGEST = 24


def list_as_union(tree: Tree, _schema: Schema) -> Iterator[Tree]:
    """`cross join unnest(array[a, b]) as x`, or `generate_series(1, 2)`, as a UNION ALL."""
    changed = exp.Subquery(this=tree.copy())
    found = False
    for select in list(changed.find_all(exp.Select)):
        for join in select.args.get("joins") or ():
            values = _values(join)
            if values and _can_be_arm(select):
                select.replace(_union(select, join, values))
                found = True
                break
    if found:
        yield changed.this


def _can_be_arm(select: Tree) -> bool:
    return (
        only(select, "joins", "where", "with")
        and not is_aggregated(select)
        and not any(own(select, exp.Window))
    )


def _values(join: Tree) -> list[Tree]:
    """The list's values; empty where the join isn't one with a list, or with one too long."""
    node: Tree = join.this
    if join.side or join.args.get("on"):
        return []
    while isinstance(node, (exp.Lateral, exp.Table)) and node.this is not None:
        node = node.this
    if isinstance(node, exp.Unnest) and len(node.expressions) == 1:
        node = node.expressions[0]
        return list(node.expressions) if isinstance(node, exp.Array) else []
    if isinstance(node, exp.GenerateSeries):
        ends: list[Tree] = [node.args.get("start"), node.args.get("end")]
        if node.args.get("step") or not all(
            isinstance(end, exp.Literal) and end.is_int for end in ends
        ):
            return []
        first, last = (int(end.name) for end in ends)
        numbers = range(first, min(last, first + LONGEST) + 1)
        return [exp.Literal.number(number) for number in numbers]
    return []


def _union(select: Tree, join: Tree, values: list[Tree]) -> Tree:
    position = select.args["joins"].index(join)
    alias = join.this.args.get("alias")
    names = {join.this.alias_or_name, *(column.name for column in alias.columns if alias)}
    arms = []
    for value in values[: LONGEST + 1]:
        arm = select.copy()
        arm.args["joins"].pop(position)
        set_part(arm, "with", None)
        for item, name in zip(arm.expressions, select.named_selects, strict=True):
            if isinstance(item, exp.Column):
                item.replace(exp.alias_(item.copy(), name))
        for column in list(arm.find_all(exp.Column)):
            if column.name in names and column.table in {"", join.this.alias_or_name}:
                column.replace(value.copy())
        arms.append(arm)
    union = united(arms)
    set_part(union, "with", part(select, "with"))
    return union
