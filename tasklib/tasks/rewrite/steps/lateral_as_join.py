"""LATERAL that only picks rows by equalities, as JOIN."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.steps.conditions import conjuncts
from tasklib.tasks.rewrite.steps.correlation import correlation
from tasklib.tasks.rewrite.steps.shape import as_source, is_aggregated, only
from tasklib.tasks.rewrite.tree import Tree, own


def lateral_as_join(tree: Tree, _schema: Schema) -> Iterator[Tree]:
    """`cross join lateral (select … from l where l.k = o.k) x` as `join (…) x on x.k = o.k`."""
    changed = exp.Subquery(this=tree.copy())
    found = False
    for select in list(changed.find_all(exp.Select)):
        for join in select.args.get("joins") or ():
            joined = _joined(join)
            if joined is not None:
                join.replace(joined)
                found = True
    if found:
        yield changed.this


def _joined(join: Tree) -> Tree | None:
    lateral = join.this
    if not isinstance(lateral, exp.Lateral) or not isinstance(lateral.this, exp.Subquery):
        return None
    query, given = lateral.this.this, conjuncts(join.args.get("on"))
    if not isinstance(query, exp.Select) or not only(query, "where", "joins"):
        return None
    if is_aggregated(query) or any(own(query, exp.Window)) or join.side not in {"", "LEFT"}:
        return None
    bound = correlation(query)
    if bound is None or not bound.pairs:
        return None
    alias, rest, on = lateral.alias, bound.rest.copy(), []
    held = {item.unalias().sql(): item.alias_or_name for item in rest.expressions}
    for value, outer in bound.pairs:
        name = held.get(value.sql())
        if name is None:
            name = f"key_{len(held) + 1}"
            held[value.sql()] = name
            rest.append("expressions", exp.alias_(value.copy(), name))
        on.append(exp.EQ(this=exp.column(name, table=alias), expression=outer.copy()))
    conditions = [*on, *(one for one in given if one.sql() != "TRUE")]
    return exp.Join(this=as_source(rest, alias), side=join.side or None, on=exp.and_(*conditions))
