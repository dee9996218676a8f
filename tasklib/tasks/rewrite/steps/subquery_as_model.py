"""Subqueries that aggregate, as stream tables of their own."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.steps.correlation import reaches_out
from tasklib.tasks.rewrite.steps.shape import is_aggregated
from tasklib.tasks.rewrite.tree import (
    MODEL,
    Tree,
    fresh_name,
    output_names,
    own,
    part,
    reads,
    set_part,
    sources,
)


def subquery_as_model(tree: Tree, _schema: Schema) -> Iterator[Tree]:
    """`with x as (select g, count(*) … group by g) …` with x marked as a model of its own.

    First all that aggregate, then each alone: CTEs, derived tables, arms of a UNION.
    """
    count = len(_heavy(tree))
    for wanted in [list(range(count)), *([one] for one in range(count) if count > 1)]:
        if wanted:
            changed = exp.Subquery(this=tree.copy())
            heavy = _heavy(changed.this)
            # the innermost first: it is gone from the one around it by then
            for number in reversed(wanted):
                _to_model(changed, heavy[number])
            yield changed.this


def _heavy(tree: Tree) -> list[Tree]:
    """The queries within a query that the extension can't see through, outer ones first."""
    return [
        query
        for query in tree.find_all(exp.Query, bfs=False)
        if query is not tree
        and _is_place(query.parent)
        and _is_heavy(query)
        and not reaches_out(query)
    ]


def _is_place(parent: Tree) -> bool:
    if isinstance(parent, exp.CTE):
        clause: Tree = parent.parent
        return not parent.meta.get(MODEL) and not clause.args.get("recursive")
    if isinstance(parent, exp.Subquery):
        return isinstance(parent.parent, (exp.From, exp.Join))
    return isinstance(parent, exp.SetOperation)


def _is_heavy(query: Tree) -> bool:
    if isinstance(query, exp.SetOperation):
        return not isinstance(query.parent, exp.SetOperation) and not _is_grouped(query)
    return isinstance(query, exp.Select) and (
        bool(query.args.get("distinct")) or is_aggregated(query) or any(own(query, exp.Window))
    )


def _is_grouped(query: Tree) -> bool:
    """Whether groups are made of all its rows, which the extension sees through."""
    select = query.parent_select
    return (
        isinstance(query, exp.Union)
        and not query.args.get("distinct")
        and isinstance(query.parent, exp.Subquery)
        and select is not None
        and is_aggregated(select)
        and [id(source) for source in sources(select)] == [id(query.parent)]
    )


def _to_model(holder: Tree, query: Tree) -> None:
    place = query.parent
    if isinstance(place, exp.CTE):
        place.meta[MODEL] = True
        return
    if isinstance(place, exp.SetOperation):
        name = fresh_name(holder, "arm")
        reader = exp.select(*(exp.column(column, table=name) for column in output_names(query)))
        query.replace(reader.from_(name))
    else:
        name = fresh_name(holder, place.alias) if _is_taken(holder, place) else place.alias
        place.replace(exp.alias_(exp.to_table(name), place.alias, table=True))
    add_model(holder.this, name, query.copy())


def add_model(query: Tree, name: str, body: Tree) -> None:
    """Give a query one more CTE, marked as a model; each comes after those that it reads."""
    cte = exp.CTE(this=body, alias=exp.TableAlias(this=exp.to_identifier(name)))
    cte.meta[MODEL] = True
    clause = part(query, "with")
    waiting = [*(clause.expressions if clause else ()), cte]
    ordered: list[Tree] = []
    while waiting:
        names = {one.alias for one in waiting}
        ready = next(one for one in waiting if not reads(one.this, names - {one.alias}))
        waiting.remove(ready)
        ordered.append(ready)
    if clause:
        clause.set("expressions", ordered)
    else:
        set_part(query, "with", exp.With(expressions=ordered))


def _is_taken(holder: Tree, place: Tree) -> bool:
    """Whether a derived table's alias is another relation's name somewhere else."""
    return any(
        node is not place and node.alias_or_name == place.alias
        for node in holder.find_all(exp.Table, exp.Subquery, exp.CTE)
    )
