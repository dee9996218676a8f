"""Conditions that several steps build."""

from __future__ import annotations

from sqlglot import exp

from tasklib.tasks.rewrite.tree import Tree


def is_null(value: Tree) -> Tree:
    """`value is null`."""
    return exp.Is(this=value.copy(), expression=exp.Null())


def is_not_null(value: Tree) -> Tree:
    """`value is not null`."""
    return exp.Not(this=is_null(value))


def null_safe(first: Tree, second: Tree) -> Tree:
    """`first = second`, or both NULL."""
    equal = exp.EQ(this=first.copy(), expression=second.copy())
    return exp.or_(equal, exp.and_(is_null(first), is_null(second)))


def conjuncts(condition: Tree | None) -> list[Tree]:
    """What AND joins, each by itself; empty for no condition."""
    if condition is None:
        return []
    return (
        list(condition.unnest().flatten())
        if isinstance(condition.unnest(), exp.And)
        else [condition.unnest()]
    )


def where(select: Tree) -> list[Tree]:
    """The conditions of a SELECT's WHERE."""
    clause = select.args.get("where")
    return conjuncts(clause.this if clause else None)


def set_where(select: Tree, conditions: list[Tree]) -> None:
    """Make these the conditions of a SELECT's WHERE; none: it has no WHERE."""
    clause = exp.Where(this=exp.and_(*conditions, copy=True)) if conditions else None
    select.set("where", clause)
