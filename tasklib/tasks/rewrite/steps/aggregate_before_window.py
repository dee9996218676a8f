"""Window functions over aggregates, on a subquery that aggregates."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.steps.shape import as_source, grouped_by, is_aggregated, only
from tasklib.tasks.rewrite.tree import Tree, own, part, set_part


def aggregate_before_window(tree: Tree, _schema: Schema) -> Iterator[Tree]:
    """`rank() over (order by sum(v)) … group by g` as `rank() over (order by total) from (…)`."""
    changed = exp.Subquery(this=tree.copy())
    found = [
        select
        for select in changed.find_all(exp.Select)
        if any(own(select, exp.Window))
        and is_aggregated(select)
        and only(select, "joins", "where", "group", "having", "with")
    ]
    for select in reversed(found):
        select.replace(_split(select))
    if found:
        yield changed.this


def _split(select: Tree) -> Tree:
    inner, outer = select.copy(), exp.Select(expressions=[])
    named = {
        item.unalias().sql(): (item.alias_or_name, item.unalias())
        for item in select.expressions
        if not any(own(item, exp.Window))
    }
    for node in grouped_by(select):
        named.setdefault(node.sql(), (f"key_{len(named) + 1}", node))
    for item in select.expressions:
        holder = exp.Paren(this=item.unalias().copy())
        _lift(holder, named)
        outer.append("expressions", exp.alias_(holder.this, item.alias_or_name))
    inner.set("expressions", [exp.alias_(value.copy(), name) for name, value in named.values()])
    set_part(inner, "with", None)
    set_part(outer, "from", exp.From(this=as_source(inner, "grouped")))
    set_part(outer, "with", part(select, "with"))
    return outer


def _lift(node: Tree, named: dict[str, tuple[str, Tree]]) -> None:
    """Read what the subquery gives in place of each group and each aggregate below a node."""
    for child in list(node.iter_expressions()):
        inside = isinstance(node, exp.Window) and child.arg_key == "this"
        if isinstance(child, exp.AggFunc) and not inside:
            named.setdefault(child.sql(), (f"value_{len(named) + 1}", child.copy()))
        if child.sql() in named and not inside:
            child.replace(exp.column(named[child.sql()][0], table="grouped"))
        else:
            _lift(child, named)
