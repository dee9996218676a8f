"""Joins of many, as stream tables that join two each."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.steps.apart import read_apart
from tasklib.tasks.rewrite.steps.conditions import set_where, where
from tasklib.tasks.rewrite.steps.subquery_as_model import add_model
from tasklib.tasks.rewrite.tree import MODEL, Tree, fresh_name, part, set_part, sources


def joins_as_models(tree: Tree, schema: Schema) -> Iterator[Tree]:
    """`select … from a left join b … left join c …` as a stream table of a and b, joined with c.

    Of four, the next stream table joins that one with the third, and so on. Comma-separated tables
    are joined by the conditions in WHERE, in the order in which these tie them.
    """
    holder = exp.Subquery(this=tree.copy())
    changed = False
    for select in reversed(list(holder.find_all(exp.Select))):
        while _is_long(select) and _first_two(holder, select, schema):
            changed = True
    if changed:
        yield holder.this


def _is_long(select: Tree) -> bool:
    place = select.parent
    kept = isinstance(place, exp.CTE) and place.meta.get(MODEL)
    joins = select.args.get("joins") or ()
    return len(joins) > 1 and not select.args.get("laterals") and not kept


def _first_two(holder: Tree, select: Tree, schema: Schema) -> bool:
    """Put the first join of a SELECT into a stream table; nothing, and False, where it can't be."""
    first, others = part(select, "from"), list(select.args["joins"])
    join = others.pop(_nearest(select))
    rows = exp.Select(expressions=[])
    set_part(rows, "from", first.copy())
    rows.set("joins", [join.copy()])
    inside = {source.alias_or_name for source in sources(rows)}
    mine = [one for one in where(select) if _tables(one) and _tables(one) <= inside]
    if any(later.side in {"RIGHT", "FULL"} for later in others) or join.side in {"RIGHT", "FULL"}:
        mine = []
    if not (join.args.get("on") or any(len(_tables(one)) > 1 for one in mine)):
        return False
    if _is_used_deeper(select, inside, {id(first), id(join)}):
        return False
    set_where(select, [one for one in where(select) if one not in mine])
    set_where(rows, mine)
    select.set("joins", others)
    set_part(select, "from", None)
    name = fresh_name(holder, "joined")
    read_apart(select, rows, name, schema)
    add_model(holder.this, name, rows)
    return True


def _nearest(select: Tree) -> int:
    """The first join that a condition ties to what stands before all; any may, between commas."""
    joins = select.args["joins"]
    commas = not any(
        join.args.get(word) for join in joins for word in ("kind", "side", "on", "using", "method")
    )
    first = part(select, "from").this.alias_or_name
    tied = [_tables(one) for one in where(select)]
    for number, join in enumerate(joins):
        if commas and {first, join.this.alias_or_name} in tied:
            return number
    return 0


def _tables(condition: Tree) -> set[str]:
    """What a condition is about; nothing where it has a query of its own."""
    if condition.find(exp.Query):
        return set()
    return {column.table for column in condition.find_all(exp.Column)}


def _is_used_deeper(select: Tree, inside: set[str], apart: set[int]) -> bool:
    """Whether a query within this one, beside what is put apart, uses their columns."""
    for query in select.find_all(exp.Query):
        if query is select:
            continue
        node = query
        while node is not select and id(node) not in apart:
            node = node.parent
        if node is select and any(one.table in inside for one in query.find_all(exp.Column)):
            return True
    return False
