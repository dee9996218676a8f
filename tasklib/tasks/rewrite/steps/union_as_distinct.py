"""UNION as DISTINCT over UNION ALL."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.steps.name_union_arms import name_union_arms
from tasklib.tasks.rewrite.steps.shape import as_source
from tasklib.tasks.rewrite.tree import Tree, output_names, part, set_part


def union_as_distinct(tree: Tree, schema: Schema) -> Iterator[Tree]:
    """`select a … union select b …` as `select distinct a from (select a … union all …)`."""
    named = next(name_union_arms(tree, schema), tree)
    changed = exp.Subquery(this=named.copy())
    found = [union for union in changed.find_all(exp.Union) if union.args.get("distinct")]
    for union in found:
        names = output_names(union)
        outer = exp.select(*(exp.column(name, table="united") for name in names)).distinct()
        for clause in ("order", "limit"):
            outer.set(clause, union.args.pop(clause, None))
        set_part(outer, "with", part(union, "with"))
        set_part(union, "with", None)
        union.set("distinct", False)
        union.replace(outer)
        set_part(outer, "from", exp.From(this=as_source(union, "united")))
    if found:
        yield changed.this
