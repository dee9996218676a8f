"""Columns that the extension needs, kept by a stream table that the model only picks from."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tasklib.tasks.rewrite.origin import relation_of
from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.steps.key import key_of
from tasklib.tasks.rewrite.steps.shape import grouped_by, is_aggregated
from tasklib.tasks.rewrite.steps.subquery_as_model import add_model
from tasklib.tasks.rewrite.tree import (  # fmt: skip
    Tree,
    fresh_name,
    output_names,
    own,
    part,
    set_part,
    sources,
)


def add_columns(tree: Tree, schema: Schema) -> Iterator[Tree]:
    """The columns that windows need and the tables' keys, added to the select list."""
    wide = _widened(tree, schema)
    if wide is not None:
        yield wide


def wide_model(tree: Tree, schema: Schema) -> Iterator[Tree]:
    """The same as a model of its own, of which the model itself has the columns asked for."""
    wide = _widened(tree, schema) or _in_order(tree, schema)
    if wide is not None:
        name = fresh_name(tree, "wide")
        narrow = exp.select(*(exp.column(column, table=name) for column in output_names(tree)))
        narrow = narrow.from_(name)
        set_part(narrow, "with", part(wide, "with"))
        set_part(wide, "with", None)
        add_model(narrow, name, wide)
        yield narrow


def _widened(tree: Tree, schema: Schema) -> Tree | None:
    if not isinstance(tree, exp.Select) or tree.args.get("distinct"):
        return None
    held = {item.unalias().sql() for item in tree.expressions}
    missing: dict[str, Tree] = {}
    for node in [*_window_columns(tree), *_identity(tree, schema)]:
        if node.sql() not in held:
            missing.setdefault(node.sql(), node)
    if not missing:
        return None
    wide = tree.copy()
    taken = {item.alias_or_name for item in wide.expressions}
    for number, node in enumerate(missing.values()):
        name = node.name if isinstance(node, exp.Column) else f"key_{number + 1}"
        if name in taken:
            name = f"{node.table}_{name}" if isinstance(node, exp.Column) else f"{name}_2"
        taken.add(name)
        wide.append("expressions", exp.alias_(node.copy(), name))
    return _in_order(wide, schema) or wide


def _window_columns(select: Tree) -> Iterator[Tree]:
    for window in own(select, exp.Window):
        yield from own(window, exp.Column)


def _identity(select: Tree, schema: Schema) -> Iterator[Tree]:
    """What tells a query's rows apart: what it groups by, or its tables' keys."""
    if is_aggregated(select):
        yield from grouped_by(select)
        return
    for source in sources(select):
        for name in key_of(source, schema):
            yield exp.column(name, table=source.alias_or_name)


def _in_order(select: Tree, schema: Schema) -> Tree | None:
    """The same with a table's columns in the table's order, before what is computed."""
    if not isinstance(select, exp.Select) or is_aggregated(select) or len(sources(select)) != 1:
        return None
    relation = relation_of(sources(select)[0], schema)
    names = [column.name for column in relation.columns] if relation else []
    items = sorted(select.expressions, key=lambda item: _place(item, names))
    if items == select.expressions or not names:
        return None
    ordered = select.copy()
    ordered.set("expressions", [item.copy() for item in items])
    return ordered


def _place(item: Tree, names: list[str]) -> int:
    value = item.unalias()
    plain = isinstance(value, exp.Column) and value.name in names
    return names.index(value.name) if plain else len(names)
