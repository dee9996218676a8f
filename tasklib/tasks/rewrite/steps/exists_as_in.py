"""EXISTS with equalities, as IN."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.steps.conditions import is_not_null, set_where
from tasklib.tasks.rewrite.steps.correlation import Correlation, correlation
from tasklib.tasks.rewrite.steps.shape import is_aggregated, only
from tasklib.tasks.rewrite.tree import Tree


def exists_as_in(tree: Tree, _schema: Schema) -> Iterator[Tree]:
    """`exists (select 1 from l where l.k = o.k and c)` as `o.k in (select l.k from l where c)`.

    With NOT before it, NULLs among them are left out, and a NULL to be compared passes.
    """
    changed = exp.Subquery(this=tree.copy())
    found = [(node, _equal_in(node)) for node in changed.find_all(exp.Exists)]
    wanted = [(node, equal) for node, equal in found if equal is not None]
    for node, equal in wanted:
        if isinstance(node.parent, exp.Not):
            node.parent.replace(_not_in(equal))
        else:
            node.replace(_in(equal))
    if wanted:
        yield changed.this


def _equal_in(node: Tree) -> Correlation | None:
    select = node.this.unnest()
    if not isinstance(select, exp.Select) or not only(select, "where", "joins"):
        return None
    found = None if is_aggregated(select) else correlation(select)
    return found if found and found.pairs else None


def _in(equal: Correlation) -> Tree:
    select = equal.rest.copy()
    select.set("expressions", [inner.copy() for inner, _ in equal.pairs])
    outer = [outer.copy() for _, outer in equal.pairs]
    compared = outer[0] if len(outer) == 1 else exp.Tuple(expressions=outer)
    return exp.In(this=compared, query=exp.Subquery(this=select))


def _not_in(equal: Correlation) -> Tree:
    condition = _in(equal)
    select = condition.args["query"].this
    inner_where = select.args.get("where")
    conditions = [inner_where.this] if inner_where else []
    set_where(select, [*conditions, *(is_not_null(inner) for inner, _ in equal.pairs)])
    nulls = [exp.Is(this=outer.copy(), expression=exp.Null()) for _, outer in equal.pairs]
    return exp.paren(exp.or_(*nulls, exp.Not(this=condition)))
