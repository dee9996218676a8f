"""What kind of query a SELECT is."""

from __future__ import annotations

from sqlglot import exp

from tasklib.tasks.rewrite.tree import Tree, own, sources

SEVERAL = (exp.GroupingSets, exp.Rollup, exp.Cube)


def only(select: Tree, *parts: str) -> bool:
    """Whether a SELECT has no other clause than its columns, its FROM and these."""
    allowed = {"expressions", "from", "from_", *parts, *(f"{name}_" for name in parts)}
    return all(name in allowed for name, value in select.args.items() if value)


def is_aggregated(select: Tree) -> bool:
    """Whether a SELECT's rows are groups."""
    return bool(select.args.get("group") or select.args.get("having")) or any(
        not isinstance(call.parent, exp.Window) and call.find_ancestor(exp.Window) is None
        for item in select.expressions
        for call in own(item, exp.AggFunc)
    )


def grouped_by(select: Tree) -> list[Tree]:
    """What a SELECT groups by; nothing where it has no groups, or several kinds of them."""
    group = select.args.get("group")
    terms = list(group.expressions) if group else []
    several = (
        any(group.args.get(place) for place in ("rollup", "cube", "grouping_sets"))
        if group
        else False
    )
    return [] if several or any(isinstance(term, SEVERAL) for term in terms) else terms


def sole_source(select: Tree) -> Tree:
    """The query that is the only thing a SELECT reads; None where it reads something else."""
    read = sources(select)
    return read[0].this if len(read) == 1 and isinstance(read[0], exp.Subquery) else None


def sole_query(select: Tree) -> Tree:
    """The SELECT that is the only thing a SELECT reads; None where it reads something else."""
    inner = sole_source(select)
    return inner if isinstance(inner, exp.Select) else None


def united(arms: list[Tree]) -> Tree:
    """SELECTs as the arms of a UNION ALL."""
    union = arms[0]
    for arm in arms[1:]:
        union = exp.union(union, arm, distinct=False, copy=False)
    return union


def as_source(query: Tree, alias: str) -> Tree:
    """A query as something to read from."""
    return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(alias)))
