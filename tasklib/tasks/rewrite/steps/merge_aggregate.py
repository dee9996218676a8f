"""A condition on an aggregated subquery, as HAVING."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.steps.conditions import conjuncts, where
from tasklib.tasks.rewrite.steps.correlation import reaches_out
from tasklib.tasks.rewrite.steps.shape import is_aggregated, only, sole_query
from tasklib.tasks.rewrite.tree import Tree, own, part, set_part


def merge_aggregate(tree: Tree, _schema: Schema) -> Iterator[Tree]:
    """`select g from (select g, count(*) as n … group by g) as x where n > 2` with HAVING."""
    changed = exp.Subquery(this=tree.copy())
    found = [outer for outer in changed.find_all(exp.Select) if _merges(outer)]
    # the innermost first: what is put into another is merged by then
    for outer in reversed(found):
        outer.replace(_merged(outer))
    if found:
        yield changed.this


def _merges(outer: Tree) -> bool:
    inner = sole_query(outer)
    return (
        inner is not None
        and only(outer, "where", "order", "limit", "with")
        and only(inner, "where", "group", "having", "joins")
        and is_aggregated(inner)
        and not any(own(outer, exp.AggFunc, exp.Window))
        and not any(own(inner, exp.Window))
        and not reaches_out(outer)
    )


def _merged(outer: Tree) -> Tree:
    merged, outer = sole_query(outer).copy(), outer.copy()
    values = {item.alias_or_name: item.unalias() for item in merged.expressions}
    for column in list(own(outer, exp.Column)):
        column.replace(values[column.name].copy())
    items = zip(outer.expressions, outer.named_selects, strict=True)
    merged.set("expressions", [exp.alias_(item.unalias(), name) for item, name in items])
    having = merged.args.get("having")
    conditions = [*conjuncts(having.this if having else None), *where(outer)]
    if conditions:
        merged.set("having", exp.Having(this=exp.and_(*conditions)))
    for clause in ("order", "limit"):
        merged.set(clause, outer.args.get(clause))
    set_part(merged, "with", part(outer, "with"))
    return merged
