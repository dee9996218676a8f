"""The rows that an aggregate counts, as a stream table of their own."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.steps.apart import rows_apart
from tasklib.tasks.rewrite.steps.correlation import reaches_out
from tasklib.tasks.rewrite.steps.shape import is_aggregated
from tasklib.tasks.rewrite.steps.subquery_as_model import add_model
from tasklib.tasks.rewrite.tree import Tree, fresh_name, sources


def rows_as_model(tree: Tree, schema: Schema) -> Iterator[Tree]:
    """`select g, count(*) from a join b … where … group by g` on a stream table of that join.

    It has the columns that are used and the tables' keys.
    """
    holder = exp.Subquery(this=tree.copy())
    found = [select for select in holder.find_all(exp.Select) if _computes(select)]
    for select in reversed(found):
        name = fresh_name(holder, "joined")
        add_model(holder.this, name, rows_apart(select, name, schema))
    if found:
        yield holder.this


def _computes(select: Tree) -> bool:
    """Whether it aggregates more than one table's rows as they are."""
    simple = len(sources(select)) == 1 and not select.args.get("where")
    return is_aggregated(select) and not simple and not reaches_out(select)
