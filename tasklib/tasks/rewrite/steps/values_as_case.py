"""A join with VALUES, as CASE."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.steps.conditions import conjuncts, set_where, where
from tasklib.tasks.rewrite.tree import Tree, own


def values_as_case(tree: Tree, _schema: Schema) -> Iterator[Tree]:
    """`join (values (1, 'one'), …) as v(g, label) on v.g = x` as `case x when 1 then 'one' … end`.

    An inner join keeps the rows whose value is among them. A list in which a value stands twice
    isn't one.
    """
    changed = tree.copy()
    found = False
    for select in list(changed.find_all(exp.Select)):
        for join in list(select.args.get("joins") or ()):
            found = _replaced(select, join) or found
    if found:
        yield changed


def _replaced(select: Tree, join: Tree) -> bool:
    values, on = join.this, conjuncts(join.args.get("on"))
    if not isinstance(values, exp.Values) or join.side not in {"", "LEFT"} or len(on) != 1:
        return False
    rows = [row.expressions for row in values.expressions]
    names = [name.name for name in values.args["alias"].columns]
    key = _key(on[0], values.alias)
    if key is None or not names or len({row[0].sql() for row in rows}) < len(rows):
        return False
    column, value = key
    if names[0] != column:
        return False
    for node in list(own(select, exp.Column)):
        if node.table == values.alias:
            position = names.index(node.name)
            node.replace(_case(value, [(row[0], row[position]) for row in rows]))
    select.args["joins"].remove(join)
    if not join.side:
        among = exp.In(this=value.copy(), expressions=[row[0].copy() for row in rows])
        set_where(select, [*where(select), among])
    return True


def _key(condition: Tree, alias: str) -> tuple[str, Tree] | None:
    """The column of the list that is compared, and with what."""
    if isinstance(condition, exp.EQ):
        for one, other in (
            (condition.this, condition.expression),
            (condition.expression, condition.this),
        ):
            if isinstance(one, exp.Column) and one.table == alias:
                return one.name, other.copy()
    return None


def _case(value: Tree, pairs: list[tuple[Tree, Tree]]) -> Tree:
    case = exp.Case(this=value.copy())
    for key, then in pairs:
        case = case.when(key.copy(), then.copy())
    return case
