"""A cast with a modifier, of a value that fits it already."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.tree import Tree


def round_before_cast(tree: Tree, _schema: Schema) -> Iterator[Tree]:
    """`x::numeric(10, 2)` as `round(x, 2)::numeric(10, 2)`, `x::varchar(2)` with `left(x, 2)`.

    Incrementally the modifier is lost (trial.md); here it has nothing left to do.
    """
    changed = tree.copy()
    found = [cast for cast in changed.find_all(exp.Cast) if _fitted(cast) is not None]
    for cast in found:
        cast.set("this", _fitted(cast))
    if found:
        yield changed


def _fitted(cast: Tree) -> Tree | None:
    modifiers = [int(size.name) for size in cast.to.expressions if size.name.isdigit()]
    value = cast.this
    if cast.to.this == exp.DataType.Type.DECIMAL and modifiers:
        scale = modifiers[1] if len(modifiers) > 1 else 0
        if not isinstance(value, exp.Round):
            return exp.Round(
                this=exp.cast(value.copy(), "decimal"), decimals=exp.Literal.number(scale)
            )
    if cast.to.this == exp.DataType.Type.VARCHAR and modifiers and not isinstance(value, exp.Left):
        return exp.Left(
            this=exp.cast(value.copy(), "text"), expression=exp.Literal.number(modifiers[0])
        )
    return None
