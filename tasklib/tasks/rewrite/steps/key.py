"""What tells the rows of a source apart."""

from __future__ import annotations

from sqlglot import exp

from tasklib.tasks.rewrite.origin import definition, relation_of
from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.steps.shape import is_aggregated, only
from tasklib.tasks.rewrite.tree import Tree, sources


def key_of(source: Tree, schema: Schema) -> tuple[str, ...]:
    """The columns that tell the rows of a source apart; empty: none are known.

    A table's primary key, also through views, subqueries and CTEs that pick rows and columns.
    """
    relation = relation_of(source, schema)
    if relation and (relation.key or relation.definition is None):
        return relation.key
    if relation:
        return _key_of_query(relation.definition, schema)
    if isinstance(source, exp.Table):
        return _key_of_query(definition(source), schema)
    return _key_of_query(source.this, schema) if isinstance(source, exp.Subquery) else ()


def _key_of_query(query: Tree, schema: Schema) -> tuple[str, ...]:
    if not isinstance(query, exp.Select) or not only(query, "where", "with", "order"):
        return ()
    if len(sources(query)) != 1 or is_aggregated(query):
        return ()
    (source,) = sources(query)
    given = {
        item.unalias().name: item.alias_or_name
        for item in query.expressions
        if isinstance(item.unalias(), exp.Column) and item.unalias().table == source.alias_or_name
    }
    key = key_of(source, schema)
    return tuple(given[name] for name in key) if given.keys() >= set(key) else ()
