"""An outer join whose unmatched rows nobody reads, as JOIN."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tasklib.tasks.rewrite.origin import definition
from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.steps.conditions import conjuncts, where
from tasklib.tasks.rewrite.steps.shape import grouped_by, is_aggregated, only
from tasklib.tasks.rewrite.tree import Tree, own

COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)


def outer_join_as_join(tree: Tree, _schema: Schema) -> Iterator[Tree]:
    """`join (select b.k, … from a left join b … group by b.k) x on x.k = o.id` without `left`.

    Where the join has found nothing, `b.k` is NULL, and equal to nothing in what reads it. So it
    is where a condition of the same query compares a column of b.
    """
    changed = exp.Subquery(this=tree.copy())
    found = False
    for select in list(changed.find_all(exp.Select)):
        for column in [one for condition in where(select) for one in _compared(condition)]:
            found = _made_inner(select, column) or found
        for join in select.args.get("joins") or ():
            found = _in_what_is_joined(changed, join) or found
    if found:
        yield changed.this


def _compared(condition: Tree) -> list[Tree]:
    """The columns that aren't NULL where a condition holds; of ALL of nothing they may be."""
    if isinstance(condition, COMPARISONS) and not condition.find(exp.All):
        sides = (condition.this, condition.expression)
        return [side for side in sides if isinstance(side, exp.Column)]
    return []


def _made_inner(select: Tree, column: Tree) -> bool:
    """Make the outer join that gives a column a JOIN, as rows without it aren't read."""
    joins = select.args.get("joins") or []
    if any(join.side in {"RIGHT", "FULL"} for join in joins):
        return False
    for join in joins:
        if join.this.alias_or_name == column.table and join.side == "LEFT" and join.args.get("on"):
            join.set("side", None)
            join.set("kind", None)
            return True
    return False


def _in_what_is_joined(holder: Tree, join: Tree) -> bool:
    """Do so within a subquery, of which the join reads no rows whose column is NULL."""
    query = _only_read_here(holder, join.this)
    if join.side in {"RIGHT", "FULL"} or not isinstance(query, exp.Select):
        return False
    if not only(query, "joins", "where", "group", "having", "distinct"):
        return False
    if any(own(query, exp.Window)) or (query.args.get("distinct") and _is_distinct_on(query)):
        return False
    values = {item.alias_or_name: item.unalias() for item in query.expressions}
    groups = grouped_by(query)
    found = False
    for condition in conjuncts(join.args.get("on")):
        for column in _compared(condition):
            value = values.get(column.name) if column.table == join.this.alias_or_name else None
            if isinstance(value, exp.Column) and (value in groups or not is_aggregated(query)):
                found = _made_inner(query, value) or found
    return found


def _only_read_here(holder: Tree, source: Tree) -> Tree | None:
    """The query that a source is; None if it is a relation, or others read it too."""
    if isinstance(source, exp.Subquery):
        return source.this
    query = definition(source) if isinstance(source, exp.Table) else None
    named = [
        table
        for table in holder.find_all(exp.Table)
        if query is not None and not table.db and table.name == source.name
    ]
    return query if len(named) == 1 else None


def _is_distinct_on(query: Tree) -> bool:
    return bool(query.args["distinct"].args.get("on"))
