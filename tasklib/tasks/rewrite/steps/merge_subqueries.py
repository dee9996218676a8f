"""Subqueries that only pick and compute columns, put into what reads them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot.optimizer import merge_subqueries as optimizer

from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.tree import Tree


def merge_subqueries(tree: Tree, _schema: Schema) -> Iterator[Tree]:
    """`select b from (select a as b from t where c) as x` as `select a as b from t where c`."""
    changed = optimizer.merge_subqueries(tree.copy(), leave_tables_isolated=False)
    if changed != tree:
        yield changed
