"""The first row of each group, as the row before which there is none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import exp

from tasklib.tasks.rewrite.origin import origin
from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.steps.conditions import is_not_null, is_null, null_safe, set_where, where
from tasklib.tasks.rewrite.steps.shape import only, sole_query
from tasklib.tasks.rewrite.tree import Tree, fresh_name, own, part, set_part, sources

FIRST = (exp.RowNumber, exp.Rank, exp.DenseRank)


@dataclass(frozen=True)
class _Ranking:
    """Which rows are asked for: the columns that are given of them, what narrows them afterwards.

    Args:
        rows: `select <columns> from <one relation> where …`.
        afterwards: conditions on the row that was chosen.
        groups: what the groups have in common.
        order: ORDER BY's terms.
    """

    rows: Tree
    afterwards: list[Tree]
    groups: list[Tree]
    order: list[Tree]


def newest_row_as_not_exists(tree: Tree, schema: Schema) -> Iterator[Tree]:
    """`row_number() over (partition by g order by v desc) = 1` and DISTINCT ON as NOT EXISTS.

    Of rows that the order doesn't tell apart any would do: what chooses among these isn't equal.
    """
    changed = exp.Subquery(this=tree.copy())
    found = False
    for select in list(changed.find_all(exp.Select)):
        ranking = _distinct_on(select) or _ranked(select)
        if ranking is not None and len(sources(ranking.rows)) == 1:
            alone = _without_earlier(ranking, schema, fresh_name(changed, "earlier"))
            set_part(alone, "with", part(select, "with"))
            select.replace(alone)
            found = True
    if found:
        yield changed.this


def _distinct_on(select: Tree) -> _Ranking | None:
    distinct, order = select.args.get("distinct"), select.args.get("order")
    if not (distinct and distinct.args.get("on") and order):
        return None
    if not only(select, "where", "order", "distinct", "with"):
        return None
    named = {item.alias_or_name: item.unalias() for item in select.expressions}
    groups = [_spelt_out(node, named) for node in distinct.args["on"].unnest().expressions]
    groups = groups or [_spelt_out(distinct.args["on"].unnest(), named)]
    terms = [term.copy() for term in order.expressions]
    for term in terms:
        term.set("this", _spelt_out(term.this, named))
    rows = exp.Select(expressions=[item.copy() for item in select.expressions])
    set_part(rows, "from", part(select, "from").copy())
    set_where(rows, where(select))
    return _Ranking(rows, [], groups, [term for term in terms if term.this not in groups])


def _spelt_out(node: Tree, named: dict[str, Tree]) -> Tree:
    alone = isinstance(node, exp.Column) and not node.table
    meant: Tree = named.get(node.name, node) if alone else node
    return meant.copy()


def _ranked(select: Tree) -> _Ranking | None:
    """`select … from (select …, row_number() over (…) as rn from …) where rn = 1`."""
    inner = sole_query(select)
    if inner is None or not only(inner, "where") or not only(select, "where", "with"):
        return None
    values = {item.alias_or_name: item.unalias() for item in inner.expressions}
    ranks = [name for name, value in values.items() if isinstance(value, exp.Window)]
    if len(ranks) != 1 or not isinstance(values[ranks[0]].this, FIRST):
        return None
    rank = values.pop(ranks[0])
    order = rank.args.get("order")
    conditions = where(select)
    afterwards = [node for node in conditions if not _is_first(node, ranks[0])]
    items = [exp.alias_(item.unalias().copy(), item.alias_or_name) for item in select.expressions]
    whole = exp.Tuple(expressions=[*items, *(node.copy() for node in afterwards)])
    for column in list(own(whole, exp.Column)):
        if column.name not in values:
            return None
        column.replace(values[column.name].copy())
    if order is None or len(afterwards) == len(conditions):
        return None
    rows = exp.Select(expressions=whole.expressions[: len(items)])
    set_part(rows, "from", part(inner, "from").copy())
    set_where(rows, where(inner))
    groups = list(rank.args.get("partition_by") or ())
    return _Ranking(rows, whole.expressions[len(items) :], groups, order.expressions)


def _is_first(condition: Tree, name: str) -> bool:
    one = exp.Literal.number(1)
    return (
        isinstance(condition, exp.EQ)
        and condition.this.name == name
        and condition.expression == one
    )


def _without_earlier(ranking: _Ranking, schema: Schema, alias: str) -> Tree:
    rows = ranking.rows
    source = sources(rows)[0].copy()
    source.set("alias", exp.TableAlias(this=exp.to_identifier(alias)))
    earlier = exp.Select(expressions=[exp.Literal.number(1)])
    set_part(earlier, "from", exp.From(this=source))

    def other(node: Tree) -> Tree:
        moved = exp.Paren(this=node.copy())
        for column in moved.find_all(exp.Column):
            if column.table == sources(rows)[0].alias_or_name:
                column.set("table", exp.to_identifier(alias))
        return moved.this

    same = [_same(other(group), group, _nullable(rows, group, schema)) for group in ranking.groups]
    before = _before(rows, ranking.order, other, schema)
    set_where(earlier, [*(other(condition) for condition in where(rows)), *same, before])
    none = exp.Not(this=exp.Exists(this=earlier))
    alone = rows.copy()
    set_where(alone, [*where(rows), *ranking.afterwards, none])
    return alone


def _before(rows: Tree, order: list[Tree], other: object, schema: Schema) -> Tree:
    """That the other row comes first: by the first term, or equal there and by the next."""
    assert callable(other)  # noqa: S101
    alternatives: list[Tree] = []
    equal: list[Tree] = []
    for term in order:
        value, nullable = term.this, _nullable(rows, term.this, schema)
        compare = exp.GT if term.args.get("desc") else exp.LT
        first: Tree = compare(this=other(value), expression=value.copy())
        if nullable and term.args.get("nulls_first"):
            first = exp.or_(first, exp.and_(is_null(other(value)), is_not_null(value)))
        elif nullable:
            first = exp.or_(first, exp.and_(is_not_null(other(value)), is_null(value)))
        alternatives.append(exp.and_(*equal, first))
        equal = [*equal, _same(other(value), value, nullable)]
    return exp.paren(exp.or_(*alternatives)) if len(alternatives) > 1 else alternatives[0]


def _same(first: Tree, second: Tree, nullable: bool) -> Tree:
    if nullable:
        return exp.paren(null_safe(first, second))
    return exp.EQ(this=first.copy(), expression=second.copy())


def _nullable(rows: Tree, value: Tree, schema: Schema) -> bool:
    """Whether a value of the rows may be NULL, as far as the tables' own constraints tell."""
    holder = rows.copy()
    holder.set("expressions", [value.copy()])
    column = holder.expressions[0]
    found = origin(column, schema) if isinstance(column, exp.Column) else None
    return found is None or found.nullable
