"""LEFT JOIN of groups, as a JOIN of groups of which each row has one."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.steps.conditions import conjuncts
from tasklib.tasks.rewrite.steps.grouped_value import grouped_value
from tasklib.tasks.rewrite.steps.shape import as_source, grouped_by, only
from tasklib.tasks.rewrite.tree import Tree, set_part, sources

COUNTED = "found"


def left_join_as_filled_groups(tree: Tree, schema: Schema) -> Iterator[Tree]:
    """`a left join (select k, max(v) from b group by k) g on g.k = a.id` as a JOIN.

    The groups are those of b's rows and of one for each of a's, which has no values. Where a's
    column may be NULL that isn't the same: the proof finds it.
    """
    changed = exp.Subquery(this=tree.copy())
    found = False
    for select in list(changed.find_all(exp.Select)):
        for join in select.args.get("joins") or ():
            filled = _filled(select, join, schema)
            if filled is not None:
                join.set("side", None)
                join.this.set("this", filled)
                found = True
    if found:
        yield changed.this


def _filled(select: Tree, join: Tree, schema: Schema) -> Tree:
    """A join's groups, one for each row on its other side too; None where it has no groups."""
    groups = join.this.this if isinstance(join.this, exp.Subquery) else None
    if join.side != "LEFT" or not isinstance(groups, exp.Select):
        return None
    by = grouped_by(groups)
    other = _compared(join)
    keys = [item for item in groups.expressions if item.unalias() in by]
    if other is None or len(by) != 1 or len(keys) != 1 or keys[0].alias_or_name != other[0]:
        return None
    base = next((one for one in sources(select) if one.alias_or_name == other[1].table), None)
    if base is None or not only(groups, "joins", "where", "group"):
        return None
    rows, nothing = groups.copy(), exp.select(exp.alias_(other[1].copy(), other[0]))
    rows.set("group", None)
    rows.set("expressions", [exp.alias_(by[0].copy(), other[0])])
    items: list[Tree] = [exp.column(other[0])]

    def carry(value: Tree, missing: Tree) -> str:
        name = f"value_{len(rows.expressions)}"
        rows.append("expressions", exp.alias_(value, name))
        nothing.append("expressions", exp.alias_(missing, name))
        return name

    for item in groups.expressions:
        if item is not keys[0]:
            value = grouped_value(item.unalias(), schema, lambda: COUNTED, carry)
            if value is None:
                return None
            items.append(exp.alias_(value, item.alias_or_name))
    rows.append("expressions", exp.alias_(exp.Literal.number(1), COUNTED))
    nothing.append("expressions", exp.alias_(exp.cast(exp.Null(), "int"), COUNTED))
    set_part(nothing, "from", exp.From(this=base.copy()))
    united = as_source(exp.union(rows, nothing, distinct=False), "filled")
    return exp.select(*items).from_(united).group_by(exp.column(other[0]))


def _compared(join: Tree) -> tuple[str, Tree] | None:
    """The groups' column that a join compares, and the column that it is to be equal to."""
    conditions = conjuncts(join.args.get("on"))
    if len(conditions) != 1 or not isinstance(conditions[0], exp.EQ):
        return None
    sides = (conditions[0].this, conditions[0].expression)
    if not all(isinstance(side, exp.Column) for side in sides):
        return None
    mine = [side for side in sides if side.table == join.this.alias_or_name]
    others = [side for side in sides if side.table != join.this.alias_or_name]
    return (mine[0].name, others[0]) if len(mine) == len(others) == 1 else None
