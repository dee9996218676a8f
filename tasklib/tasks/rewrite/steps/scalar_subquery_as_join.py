"""Scalar subqueries as a LEFT JOIN of the grouped subquery."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.steps.correlation import Correlation, correlation
from tasklib.tasks.rewrite.steps.shape import as_source, is_aggregated, only
from tasklib.tasks.rewrite.tree import Tree, fresh_name, own


def scalar_subquery_as_join(tree: Tree, _schema: Schema) -> Iterator[Tree]:
    """`(select count(*) from l where l.k = o.k)` as a column of `left join (… group by k)`.

    One that hangs on nothing is joined `on true`.
    """
    changed = tree.copy()
    found = False
    for select in list(changed.find_all(exp.Select)):
        if is_aggregated(select):
            continue
        for node in _scalars(select):
            bound = correlation(node.this)
            if bound is not None and is_aggregated(node.this):
                _join(select, node, bound, fresh_name(changed, "per_row"))
                found = True
    if found:
        yield changed


def _scalars(select: Tree) -> list[Tree]:
    """The subqueries that stand for a value, of which each has one row or none."""
    return [
        node
        for node in own_subqueries(select)
        if isinstance(node.this, exp.Select)
        and only(node.this, "where", "joins")
        and len(node.this.expressions) == 1
    ]


def own_subqueries(select: Tree) -> list[Tree]:
    """The subqueries in a SELECT's columns and its WHERE that stand for a value."""
    where = select.args.get("where")
    places = [*select.expressions, *([where] if where else [])]
    return [
        node
        for place in places
        for node in own(place, exp.Subquery)
        if not isinstance(node.parent, (exp.In, exp.Exists, exp.Array, exp.Any))
    ]


def _join(select: Tree, node: Tree, bound: Correlation, alias: str) -> None:
    inner, keys = bound.rest.copy(), []
    value = inner.expressions[0].unalias()
    columns = []
    for number, (own_value, _) in enumerate(bound.pairs):
        name = own_value.name if isinstance(own_value, exp.Column) else f"key_{number + 1}"
        keys.append(name)
        columns.append(exp.alias_(own_value.copy(), name))
    result = value.copy()
    holder = exp.Paren(this=result)
    for number, call in enumerate([*own(holder, exp.AggFunc)]):
        name = f"value_{number + 1}" if number else "value"
        columns.append(exp.alias_(call.copy(), name))
        column: Tree = exp.column(name, table=alias)
        if isinstance(call, exp.Count):
            column = exp.Coalesce(this=column, expressions=[exp.Literal.number(0)])
        call.replace(column)
    inner.set("expressions", columns)
    if bound.pairs:
        inner.set("group", exp.Group(expressions=[value.copy() for value, _ in bound.pairs]))
    on = [
        exp.EQ(this=exp.column(name, table=alias), expression=outer.copy())
        for name, (_, outer) in zip(keys, bound.pairs, strict=True)
    ]
    for join in select.args.get("joins") or ():
        if not any(join.args.get(word) for word in ("kind", "side", "on", "using", "method")):
            # a comma binds less than JOIN: the condition couldn't name what stands before it
            join.set("kind", "CROSS")
    select.append(
        "joins",
        exp.Join(
            this=as_source(inner, alias),
            side="LEFT",
            on=exp.and_(*on) if on else exp.true(),
        ),
    )
    whole = holder.this
    simple = isinstance(whole, (exp.Column, exp.Func, exp.Literal))
    node.replace(whole if simple or node.parent is select else exp.paren(whole))
