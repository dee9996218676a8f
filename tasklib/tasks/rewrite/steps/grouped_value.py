"""What groups compute, of the columns of other rows that stand for theirs."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from tasklib.tasks.rewrite.origin import origin
from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.tree import Tree, own

# of no rows they are NULL, as an outer join has it
NULL_OF_NOTHING = (exp.Sum, exp.Min, exp.Max, exp.Avg)


def grouped_value(
    item: Tree, schema: Schema, found: Callable[[], str], carry: Callable[[Tree, Tree], str]
) -> Tree:
    """An item of a grouped SELECT over rows of which some are not the groups' own.

    Args:
        item: what the groups compute; it is left as it is.
        schema: of the relations under it.
        found: gives the name of a column that is NULL in rows that aren't theirs, and only there.
        carry: given an expression of their rows and NULL of its type, which the others have
            instead; gives the name of the column that has them.

    Returns:
        The expression; NULL where there are only rows that aren't theirs. None where it can't be
        said.
    """
    holder = exp.Paren(this=item.copy())
    # of the copy the columns' origins can't be asked
    pairs = zip([*own(holder, exp.AggFunc)], [*own(item, exp.AggFunc)], strict=True)
    for call, given in pairs:
        argument, meant = _argument(call), _argument(given)
        if argument is None or call.find_ancestor(exp.Filter, exp.Window):
            return None
        if isinstance(argument, exp.Star):
            argument.replace(exp.column(found()))
            continue
        missing = _null(meant, schema)
        if missing is None:
            return None
        argument.replace(exp.column(carry(meant.copy(), missing)))
    if any(column.table for column in own(holder, exp.Column)):
        return None
    value = holder.this
    if isinstance(value, NULL_OF_NOTHING):
        return value
    counted = exp.GT(this=exp.Count(this=exp.column(found())), expression=exp.Literal.number(0))
    return exp.Case(ifs=[exp.If(this=counted, true=value)])


def null_of(value: Tree, schema: Schema) -> Tree:
    """NULL of a column's type; None where that isn't known."""
    known = origin(value, schema)
    return exp.cast(exp.Null(), known.type) if known and known.type else None


def _argument(call: Tree) -> Tree:
    argument = call.this
    if isinstance(argument, exp.Distinct):
        argument = argument.expressions[0] if len(argument.expressions) == 1 else None
    return None if call.expressions or isinstance(argument, exp.Order) else argument


def _null(value: Tree, schema: Schema) -> Tree:
    """NULL of an expression's type; None where a column's type isn't known."""
    holder = exp.Paren(this=value.copy())
    for column, given in zip([*own(holder, exp.Column)], [*own(value, exp.Column)], strict=True):
        missing = null_of(given, schema)
        if missing is None:
            return None
        column.replace(missing)
    typed = holder.this
    if isinstance(value, exp.Column):
        return typed
    return exp.Case(ifs=[exp.If(this=exp.false(), true=typed)])
