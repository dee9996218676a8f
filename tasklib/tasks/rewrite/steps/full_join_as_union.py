"""FULL JOIN as two LEFT JOINs."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.steps.conditions import conjuncts, is_null, set_where, where
from tasklib.tasks.rewrite.steps.shape import is_aggregated, only
from tasklib.tasks.rewrite.tree import Tree, own, part, set_part


def full_join_as_union(tree: Tree, _schema: Schema) -> Iterator[Tree]:
    """`a full join b on …` as `a left join b … union all b left join a … where a's is null`."""
    changed = exp.Subquery(this=tree.copy())
    found = False
    for select in list(changed.find_all(exp.Select)):
        if _is_full_join(select):
            union = _union(select)
            found = found or union is not None
            select.replace(union if union is not None else select)
    if found:
        yield changed.this


def _is_full_join(select: Tree) -> bool:
    joins = select.args.get("joins") or []
    return (
        len(joins) == 1
        and joins[0].side == "FULL"
        and only(select, "joins", "where", "with")
        and not is_aggregated(select)
        and not any(own(select, exp.Window))
    )


def _union(select: Tree) -> Tree | None:
    join, source = select.args["joins"][0], part(select, "from").this
    missing = _compared(join.args.get("on"), source.alias_or_name)
    if missing is None:
        return None
    first, second = select.copy(), select.copy()
    first.args["joins"][0].set("side", "LEFT")
    set_part(first, "with", None)
    set_part(second, "with", None)
    set_part(second, "from", exp.From(this=join.this.copy()))
    on = join.args["on"].copy()
    second.set("joins", [exp.Join(this=source.copy(), side="LEFT", on=on)])
    set_where(second, [is_null(missing), *where(second)])
    union = exp.union(first, second, distinct=False)
    set_part(union, "with", part(select, "with"))
    return union


def _compared(on: Tree | None, alias: str) -> Tree | None:
    """A column of a relation that is NULL only where the join finds no row of it."""
    for condition in conjuncts(on):
        if isinstance(condition, exp.EQ):
            for side in (condition.this, condition.expression):
                if isinstance(side, exp.Column) and side.table == alias:
                    return side
    return None
