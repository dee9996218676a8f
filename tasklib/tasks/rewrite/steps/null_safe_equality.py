"""IS NOT DISTINCT FROM in plain comparisons."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.steps.conditions import null_safe
from tasklib.tasks.rewrite.tree import Tree


def null_safe_equality(tree: Tree, _schema: Schema) -> Iterator[Tree]:
    """`a is not distinct from b` as `(a = b or (a is null and b is null))`."""
    changed = tree.copy()
    found = list(changed.find_all(exp.NullSafeEQ))
    for node in found:
        node.replace(exp.paren(null_safe(node.this, node.expression)))
    if found:
        yield changed
