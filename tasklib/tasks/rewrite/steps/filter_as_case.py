"""FILTER of an aggregate, as CASE inside it."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.tree import Tree

# those that leave NULL out; to others a row that FILTER drops would be one more value
LEAVES_NULL_OUT = (
    exp.Sum, exp.Count, exp.Avg, exp.Min, exp.Max, exp.Stddev, exp.StddevSamp, exp.StddevPop,
    exp.Variance, exp.VariancePop, exp.LogicalAnd, exp.LogicalOr,
)  # fmt: skip


def filter_as_case(tree: Tree, _schema: Schema) -> Iterator[Tree]:
    """`sum(x) filter (where c)` as `sum(case when c then x end)`."""
    changed = tree.copy()
    found = [
        node for node in changed.find_all(exp.Filter) if isinstance(node.this, LEAVES_NULL_OUT)
    ]
    for node in found:
        condition, aggregate = node.expression.this, node.this.copy()
        value = aggregate.this
        if isinstance(value, exp.Star):
            aggregate.set("this", exp.Case().when(condition, exp.Literal.number(1)))
        elif isinstance(value, exp.Distinct):
            value.set("expressions", [_case(condition, item) for item in value.expressions])
        else:
            aggregate.set("this", _case(condition, value))
        node.replace(aggregate)
    if found:
        yield changed


def _case(condition: Tree, value: Tree) -> Tree:
    return exp.Case().when(condition.copy(), value.copy())
