"""What an arm of UNION ALL joins, as a stream table of its own."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.steps.apart import rows_apart
from tasklib.tasks.rewrite.steps.correlation import reaches_out
from tasklib.tasks.rewrite.steps.shape import is_aggregated, only, sole_source
from tasklib.tasks.rewrite.steps.subquery_as_model import add_model
from tasklib.tasks.rewrite.tree import Tree, fresh_name


def arms_as_models(tree: Tree, schema: Schema) -> Iterator[Tree]:
    """`select g, count(*) from (select … from a join b union all …) group by g`, a join b apart.

    The extension takes groups of such rows for those of a table without a key, which fail once
    another stream table reads them.
    """
    holder = exp.Subquery(this=tree.copy())
    found = [arm for select in holder.find_all(exp.Select) for arm in _joining_arms(select)]
    for arm in reversed(found):
        name = fresh_name(holder, "joined")
        add_model(holder.this, name, rows_apart(arm, name, schema))
    if found:
        yield holder.this


def _joining_arms(select: Tree) -> list[Tree]:
    union = sole_source(select)
    if not is_aggregated(select) or not isinstance(union, exp.Union) or union.args.get("distinct"):
        return []
    return [
        arm
        for arm in union.find_all(exp.Select)
        if _is_arm(arm, union)
        and arm.args.get("joins")
        and only(arm, "joins", "where")
        and not is_aggregated(arm)
        and not reaches_out(arm)
    ]


def _is_arm(select: Tree, union: Tree) -> bool:
    node = select
    while isinstance(node.parent, exp.Union) and not node.parent.args.get("distinct"):
        node = node.parent
    return node is union
