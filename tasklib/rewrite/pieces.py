"""A rewritten query as what it is built as: stream tables of their own, and the model on them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from tasklib.rewrite.steps.shape import grouped_by, is_aggregated
from tasklib.rewrite.tree import MODEL, Tree, output_names, part, reads, set_part, tidied


@dataclass(frozen=True)
class Piece:
    """One stream table: the name that the others read it by (none: the model itself), its query."""

    name: str
    tree: Tree


def split(whole: Tree) -> tuple[Piece, ...]:
    """The stream tables of a query, each after those that it reads; the last is the model.

    Args:
        whole: a query of which some CTEs are marked as models.
    """
    clause = part(whole, "with")
    ctes = list(clause.expressions) if clause else []
    main = whole.copy()
    set_part(main, "with", None)
    bodies = [*((cte.alias, cte.this) for cte in ctes if cte.meta.get(MODEL)), ("", main)]
    pieces = {name: Piece(name, tidied(_with_its_ctes(body, clause))) for name, body in bodies}
    ordered: list[Piece] = []
    while pieces:
        ready = next(
            piece for piece in pieces.values() if not reads(piece.tree, set(pieces) - {piece.name})
        )
        ordered.append(pieces.pop(ready.name))
    return tuple(ordered)


def narrowed(whole: Tree, names: list[str]) -> Tree:
    """A query with these of its columns alone, in this order.

    Args:
        whole: a query that has these columns.
        names: the columns.
    """
    if output_names(whole) == names:
        return whole
    alias = exp.TableAlias(this=exp.to_identifier("rewritten"))
    columns = (exp.column(name, table="rewritten") for name in names)
    return exp.select(*columns).from_(exp.Subquery(this=whole.copy(), alias=alias))


def unique_columns(tree: Tree) -> list[str]:
    """The columns by which a query's rows are distinct, as far as its text tells."""
    if not isinstance(tree, exp.Select):
        return []
    if tree.args.get("distinct"):
        return output_names(tree)
    names = {item.unalias().sql(): item.alias_or_name for item in tree.expressions}
    keys = [names.get(node.sql(), "") for node in grouped_by(tree)]
    return keys if is_aggregated(tree) and all(keys) else []


def _with_its_ctes(body: Tree, clause: Tree | None) -> Tree:
    """A query with those of the CTEs that it reads and that are no models."""
    body = body.copy()
    needed: list[Tree] = []
    for cte in reversed(clause.expressions if clause else ()):
        if not cte.meta.get(MODEL) and any(reads(one, {cte.alias}) for one in (body, *needed)):
            needed.insert(0, cte.copy())
    if needed and clause:
        inner = part(body, "with")
        needed += inner.expressions if inner else []
        recursive = clause.args.get("recursive")
        set_part(body, "with", exp.With(expressions=needed, recursive=recursive))
    return body
