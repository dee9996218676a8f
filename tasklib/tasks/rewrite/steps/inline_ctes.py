"""CTEs as subqueries, where they are read."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.steps.shape import as_source, only
from tasklib.tasks.rewrite.tree import MODEL, Tree, part


def inline_ctes(tree: Tree, _schema: Schema) -> Iterator[Tree]:
    """`with x as (…) select … from x` as `select … from (…) as x`.

    Those that are read once, and those that only import a relation however often.
    """
    changed = tree.copy()
    found = False
    for cte in list(changed.find_all(exp.CTE)):
        clause = cte.parent
        readers = [
            table
            for table in changed.find_all(exp.Table)
            if not table.db and table.name == cte.alias
        ]
        wanted = len(readers) <= 1 or _is_import(cte.this)
        if clause.args.get("recursive") or cte.meta.get(MODEL) or not wanted:
            continue
        for table in readers:
            table.replace(as_source(cte.this.copy(), table.alias_or_name))
        cte.pop()
        if not clause.expressions:
            clause.pop()
        found = True
    if found:
        yield changed


def _is_import(query: Tree) -> bool:
    return (
        isinstance(query, exp.Select)
        and only(query)
        and all(isinstance(item.unalias(), exp.Column) for item in query.expressions)
        and part(query, "from") is not None
    )
