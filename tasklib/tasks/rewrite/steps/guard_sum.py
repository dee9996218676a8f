"""`sum` of values that may all be NULL, guarded by a count of them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.tree import Tree, own


def guard_sum(tree: Tree, _schema: Schema) -> Iterator[Tree]:
    """`sum(x)` as `case when count(x) > 0 then sum(coalesce(x, 0)) end`.

    The sum of no value is NULL; kept incrementally it becomes 0 (trial.md). By group,
    `coalesce(sum(x), 0)` needs no count: a group has a row.
    """
    changed = tree.copy()
    found = [total for total in changed.find_all(exp.Sum) if _may_be_null(total)]
    for total in found:
        default, grouped = total.parent, _by_group(total)
        if grouped and isinstance(default, exp.Coalesce) and _is_zero(default.expressions):
            default.replace(_sum_of_rest(total))
        else:
            count = exp.Count(this=total.this.copy())
            condition = exp.GT(this=count, expression=exp.Literal.number(0))
            total.replace(exp.Case().when(condition, _sum_of_rest(total)))
    if found:
        yield changed


def _may_be_null(total: Tree) -> bool:
    value = total.this
    safe = isinstance(value, (exp.Literal, exp.Distinct)) or (
        isinstance(value, exp.Coalesce) and isinstance(value.expressions[-1], exp.Literal)
    )
    return not safe and not isinstance(total.parent, (exp.Window, exp.Filter))


def _by_group(total: Tree) -> bool:
    select = total.find_ancestor(exp.Select)
    group = select.args.get("group")
    return group is not None and bool(group.expressions) and total in own(select, exp.Sum)


def _is_zero(defaults: list[Tree]) -> bool:
    return len(defaults) == 1 and defaults[0] == exp.Literal.number(0)


def _sum_of_rest(total: Tree) -> Tree:
    zero = exp.Literal.number(0)
    return exp.Sum(this=exp.Coalesce(this=total.this.copy(), expressions=[zero]))
