"""LEFT JOIN as the rows that join, and those that don't."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tasklib.tasks.rewrite.origin import origin
from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.steps.conditions import set_where, where
from tasklib.tasks.rewrite.steps.shape import is_aggregated, only, united
from tasklib.tasks.rewrite.tree import Tree, own, part, set_part

# each doubles the arms
MOST = 2


def left_join_as_union(tree: Tree, schema: Schema) -> Iterator[Tree]:
    """`a left join b on c` as `a join b on c union all a where not exists (… b where c)`."""
    changed = exp.Subquery(this=tree.copy())
    found = False
    for select in list(changed.find_all(exp.Select)):
        if _is_left_join(select):
            arms = _arms(select, schema)
            union = united(arms)
            set_part(union, "with", part(select, "with"))
            select.replace(union)
            found = True
    if found:
        yield changed.this


def _is_left_join(select: Tree) -> bool:
    joins = select.args.get("joins") or []
    left = [join for join in joins if join.side == "LEFT"]
    return (
        0 < len(left) <= MOST
        and all(join.args.get("on") for join in left)
        and not any(join.side in {"RIGHT", "FULL"} for join in joins)
        and only(select, "joins", "where", "with")
        and not is_aggregated(select)
        and not any(own(select, exp.Window))
    )


def _arms(select: Tree, schema: Schema) -> list[Tree]:
    joins = select.args["joins"]
    position = next((i for i, join in enumerate(joins) if join.side == "LEFT"), None)
    if position is None:
        return [select]
    both, alone = select.copy(), select.copy()
    set_part(both, "with", None)
    set_part(alone, "with", None)
    both.args["joins"][position].set("side", None)
    return [*_arms(both, schema), *_arms(_without(alone, position, select, schema), schema)]


def _without(alone: Tree, position: int, select: Tree, schema: Schema) -> Tree:
    """The rows that a join finds nothing for."""
    join = alone.args["joins"].pop(position)
    alias = join.this.alias_or_name
    types = {
        column.name: found.type
        for column in own(select, exp.Column)
        if column.table == alias and (found := origin(column, schema))
    }
    for item, name in zip(list(alone.expressions), select.named_selects, strict=True):
        item.replace(exp.alias_(item.unalias().copy(), name))
    for column in list(own(alone, exp.Column)):
        if column.table == alias:
            kind = types.get(column.name)
            column.replace(exp.cast(exp.Null(), kind) if kind else exp.Null())
    matching = exp.select(exp.Literal.number(1)).from_(join.this.copy())
    matching = matching.where(join.args["on"].copy())
    set_where(alone, [*where(alone), exp.Not(this=exp.Exists(this=matching))])
    return alone
