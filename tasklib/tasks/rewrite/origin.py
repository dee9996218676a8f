"""Where a column of a spelt-out query comes from: through aliases, subqueries and CTEs."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from tasklib.tasks.rewrite.schema import Column, Relation, Schema
from tasklib.tasks.rewrite.tree import Tree, part, sources


def origin(column: Tree, schema: Schema) -> Column | None:
    """The relation's column that a column of a query stands for; None if it is computed.

    It is nullable where an outer join may leave it out.
    """
    select = column.parent_select
    while select is not None:
        for source in sources(select) if isinstance(select, exp.Select) else ():
            if source.alias_or_name == column.table:
                found = _in_source(source, column.name, schema)
                if found and _left_out(select, column.table):
                    return replace(found, nullable=True)
                return found
        select = select.parent_select
    return None


def relation_of(source: Tree, schema: Schema) -> Relation | None:
    """The relation that a source of a query is; None for a subquery, a function, a CTE."""
    return schema.of(source) if isinstance(source, exp.Table) else None


def definition(table: Tree) -> Tree:
    """The query of the CTE that a table's name stands for; None where it is none's."""
    node: Tree = table
    while table.args.get("db") is None and node is not None:
        clause = part(node, "with")
        for cte in clause.expressions if clause else ():
            if cte.alias == table.name and not clause.args.get("recursive"):
                return cte.this
        node = node.parent
    return None


def _in_source(source: Tree, name: str, schema: Schema) -> Column | None:
    relation = relation_of(source, schema)
    if relation:
        return relation.column(name)
    query = definition(source) if isinstance(source, exp.Table) else source.this
    if not isinstance(query, exp.Select):
        return None
    for item in query.expressions:
        if item.alias_or_name == name:
            value = item.unalias()
            return origin(value, schema) if isinstance(value, exp.Column) else None
    return None


def _left_out(select: Tree, alias: str) -> bool:
    """Whether an outer join may give NULLs in place of a source's rows."""
    before = True
    for join in select.args.get("joins") or ():
        mine = join.this.alias_or_name == alias
        if join.side == "FULL" or (join.side == "LEFT" and mine):
            return True
        if join.side == "RIGHT" and before and not mine:
            return True
        before = before and not mine
    return False
