"""GROUPING SETS, ROLLUP and CUBE as one GROUP BY for each set."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from sqlglot import exp

from tasklib.tasks.rewrite.origin import origin
from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.steps.shape import SEVERAL, only, united
from tasklib.tasks.rewrite.tree import Tree, own, part, set_part

MOST = 16
chain = itertools.chain.from_iterable


def grouping_sets_as_union(tree: Tree, schema: Schema) -> Iterator[Tree]:
    """`group by rollup (g)` as `group by g union all … without it`, its columns NULL there."""
    changed = exp.Subquery(this=tree.copy())
    found = False
    for select in list(changed.find_all(exp.Select)):
        sets = _sets(select)
        types = {node.sql(): _type(node, schema) for one in sets for node in one}
        simple = only(select, "where", "group", "joins", "having", "with")
        if 1 < len(sets) <= MOST and simple and None not in types.values():
            select.replace(_union(select, sets, types))
            found = True
    if found:
        yield changed.this


def _type(node: Tree, schema: Schema) -> str | None:
    column = origin(node, schema) if isinstance(node, exp.Column) else None
    return column.type if column else None


def _sets(select: Tree) -> list[list[Tree]]:
    """The sets of grouping expressions, each without what stands twice; empty: a plain GROUP BY."""
    group = select.args.get("group")
    if not group:
        return []
    terms = [
        term
        for place in ("expressions", "rollup", "cube", "grouping_sets")
        for term in group.args.get(place) or ()
    ]
    plain = [term for term in terms if not isinstance(term, SEVERAL)]
    choices = [_choices(term) for term in terms if isinstance(term, SEVERAL)]
    if not choices:
        return []
    return [[*plain, *chain(combination)] for combination in itertools.product(*choices)]


def _choices(several: Tree) -> list[list[Tree]]:
    terms = [_members(term) for term in several.expressions]
    if isinstance(several, exp.GroupingSets):
        return terms
    if isinstance(several, exp.Cube):
        picks = itertools.product((True, False), repeat=len(terms))
        return [[*chain(itertools.compress(terms, pick))] for pick in picks]
    return [[*chain(terms[:count])] for count in range(len(terms), -1, -1)]


def _members(term: Tree) -> list[Tree]:
    if isinstance(term, exp.Tuple):
        return list(term.expressions)
    return [term.this] if isinstance(term, exp.Paren) else [term]


def _union(select: Tree, sets: list[list[Tree]], types: dict[str, str | None]) -> Tree:
    arms = []
    for one in sets:
        arm = select.copy()
        set_part(arm, "with", None)
        arm.set("group", exp.Group(expressions=[node.copy() for node in one]) if one else None)
        kept = {node.sql() for node in one}
        for item, name in zip(list(arm.expressions), select.named_selects, strict=True):
            item.replace(exp.alias_(item.unalias().copy(), name))
        for item in arm.expressions:
            for column in list(own(item, exp.Column)):
                missing = column.sql() in types and column.sql() not in kept
                if missing and column.find_ancestor(exp.AggFunc, exp.Select) is arm:
                    column.replace(exp.cast(exp.Null(), types[column.sql()] or ""))
        arms.append(arm)
    union = united(arms)
    set_part(union, "with", part(select, "with"))
    return union
