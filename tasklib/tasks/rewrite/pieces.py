"""A rewritten query as what it is built as: stream tables of their own, and the model on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from tasklib.tasks.rewrite.schema import Column, Relation, Schema
from tasklib.tasks.rewrite.steps.shape import grouped_by, is_aggregated
from tasklib.tasks.rewrite.tree import (
    MODEL,
    Tree,
    output_names,
    part,
    reads,
    set_part,
    text,
    tidied,
)


@dataclass(frozen=True)
class Piece:
    """One stream table: the name that the others read it by (none: the model itself), its query."""

    name: str
    tree: Tree

    @property
    def sql(self) -> str:
        """Its query as PostgreSQL runs it."""
        return text(tidied(self.tree))

    def key(self) -> list[str]:
        """The columns by which its rows are distinct, as far as its text tells."""
        if not isinstance(self.tree, exp.Select):
            return []
        if self.tree.args.get("distinct"):
            return output_names(self.tree)
        names = {item.unalias().sql(): item.alias_or_name for item in self.tree.expressions}
        keys = [names.get(node.sql(), "") for node in grouped_by(self.tree)]
        return keys if is_aggregated(self.tree) and all(keys) else []

    def relation(self) -> Relation:
        """What it is to those that read it."""
        columns = (Column(name, "") for name in output_names(self.tree))
        return Relation(tuple(columns), tuple(self.key()))


def replaced(pieces: Sequence[Piece], position: int, tree: Tree) -> tuple[Piece, ...]:
    """The pieces with another query for one of them.

    Args:
        pieces: each after those that it reads.
        position: which is replaced.
        tree: its query; CTEs that are marked as models become pieces before it.
    """
    taken = {piece.name for piece in pieces}
    tree = tree.copy()
    for cte in _models(tree):
        _rename(tree, cte, taken)
    found = [
        *pieces[:position],
        *(Piece(cte.alias, _with_its_ctes(cte.this, tree)) for cte in _models(tree)),
        replace(pieces[position], tree=_with_its_ctes(_without_ctes(tree), tree)),
        *pieces[position + 1 :],
    ]
    return tuple(_in_order(found))


def whole(pieces: Sequence[Piece], names: Sequence[str]) -> Tree:
    """All pieces as one query, which has these columns.

    Args:
        pieces: each after those that it reads; the last is the model.
        names: the columns that the model is asked for.
    """
    *parts, model = pieces
    tree = model.tree.copy()
    ctes = [
        exp.CTE(this=piece.tree.copy(), alias=exp.TableAlias(this=exp.to_identifier(piece.name)))
        for piece in parts
    ]
    if ctes:
        clause = part(tree, "with")
        ctes += clause.expressions if clause else []
        recursive = clause.args.get("recursive") if clause else None
        set_part(tree, "with", exp.With(expressions=ctes, recursive=recursive))
    if output_names(tree) == list(names):
        return tidied(tree)
    alias = exp.TableAlias(this=exp.to_identifier("rewritten"))
    columns = (exp.column(name, table="rewritten") for name in names)
    return tidied(exp.select(*columns).from_(exp.Subquery(this=tree, alias=alias)))


def schema_with(schema: Schema, pieces: Sequence[Piece]) -> Schema:
    """A schema in which the pieces are relations too."""
    return Schema(
        {
            **schema.relations,
            **{("", piece.name): piece.relation() for piece in pieces if piece.name},
        }
    )


def _models(tree: Tree) -> list[Tree]:
    clause = part(tree, "with")
    return [cte for cte in clause.expressions if cte.meta.get(MODEL)] if clause else []


def _without_ctes(tree: Tree) -> Tree:
    tree = tree.copy()
    set_part(tree, "with", None)
    return tree


def _with_its_ctes(body: Tree, tree: Tree) -> Tree:
    """A query of a tree with those of the tree's CTEs that it reads and that are no models."""
    body, clause = body.copy(), part(tree, "with")
    needed: list[Tree] = []
    for cte in reversed(clause.expressions if clause else ()):
        if not cte.meta.get(MODEL) and any(reads(one, {cte.alias}) for one in (body, *needed)):
            needed.insert(0, cte.copy())
    if needed:
        inner = part(body, "with")
        needed += inner.expressions if inner else []
        set_part(body, "with", exp.With(expressions=needed, recursive=clause.args.get("recursive")))
    return body


def _rename(tree: Tree, cte: Tree, taken: set[str]) -> None:
    """Give a CTE a name that no piece has yet."""
    old, number, new = cte.alias, 2, cte.alias
    while new in taken:
        new, number = f"{old}_{number}", number + 1
    taken.add(new)
    if new == old:
        return
    for table in tree.find_all(exp.Table):
        if not table.db and table.name == old:
            if not table.alias:
                table.set("alias", exp.TableAlias(this=exp.to_identifier(old)))
            table.set("this", exp.to_identifier(new))
    cte.set("alias", exp.TableAlias(this=exp.to_identifier(new)))


def _in_order(pieces: list[Piece]) -> Iterator[Piece]:
    """Each after those that it reads."""
    waiting = list(pieces)
    while waiting:
        names = {piece.name for piece in waiting}
        ready = next(one for one in waiting if not reads(one.tree, names - {one.name}))
        waiting.remove(ready)
        yield ready
