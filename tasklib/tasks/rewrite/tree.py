"""Queries as sqlglot's trees: read, spelt out, tidied, written."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

# sqlglot renames the base of its nodes from version to version
Tree = Any
DIALECT = "postgres"
# how a node remembers what the user wrote
GIVEN = "pgtrickle_given"
# how a CTE says that it is to be a stream table of its own
MODEL = "pgtrickle_model"


def parse(query: str) -> Tree:
    """A query's tree.

    Raises:
        sqlglot.errors.SqlglotError: it isn't one query that sqlglot can read.
    """
    tree = sqlglot.parse_one(query, read=DIALECT)
    if not isinstance(tree, exp.Query):
        raise sqlglot.errors.ParseError("not a query")
    for column in tree.find_all(exp.Column):
        column.meta[GIVEN] = bool(column.table)
    return tree


def trimmed(query: str) -> str:
    """A query without what may stand after it: blanks, comments, a semicolon."""
    tokens = [token for token in sqlglot.tokenize(query, read=DIALECT) if token.text != ";"]
    return query[: tokens[-1].end + 1] if tokens else query


def text(tree: Tree) -> str:
    """A tree as PostgreSQL's SQL, in one line, without comments."""
    return str(tree.sql(dialect=DIALECT, comments=False))


def name_of(table: Tree) -> tuple[str, str]:
    """(schema, name) of a table of a tree."""
    return table.db, table.name


def tables(tree: Tree) -> Iterator[Tree]:
    """The tables that a tree reads, without the names of its CTEs."""
    ctes = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if isinstance(table.this, exp.Identifier) and (table.db or table.name not in ctes):
            yield table


def qualified(tree: Tree, columns: dict[tuple[str, str], list[str]]) -> Tree:
    """The same with every column led to its relation, stars and positions spelt out.

    Args:
        tree: a query; it is left as it is.
        columns: the names of the columns of each (schema, name).

    Raises:
        sqlglot.errors.SqlglotError: a column can't be found.
    """
    tree = tree.copy()
    for select in tree.find_all(exp.Select):
        _name_columns(select)
    mapping: dict[str, Any] = {}
    for (schema, name), listed in columns.items():
        mapping.setdefault(schema, {})[name] = dict.fromkeys(listed, "unknown")
    return qualify(
        tree,
        dialect=DIALECT,
        schema=MappingSchema(mapping, dialect=DIALECT, normalize=False),
        quote_identifiers=False,
        identify=False,
        validate_qualify_columns=False,
    )


def tidied(tree: Tree) -> Tree:
    """The same without the names that nobody needs: `x AS x`, and relations where there is one."""
    tree = tree.copy()
    for select in tree.find_all(exp.Select):
        read = sources(select)
        # beside columns of a query around it, each is easier to read with its relation
        if len(read) == 1 and not _reaches_out(select, read[0].alias_or_name):
            for column in list(own(select, exp.Column)):
                mine = column.table == read[0].alias_or_name
                if mine and not column.meta.get(GIVEN) and _can_stand_alone(select, column):
                    column.set("table", None)
        for item in select.expressions:
            if isinstance(item, exp.Alias) and _says_it_twice(item):
                item.replace(item.this)
    for table in tree.find_all(exp.Table):
        if table.alias == table.name and not table.args["alias"].columns:
            table.set("alias", None)
    return tree


def reads(tree: Tree, names: set[str]) -> bool:
    """Whether a tree reads one of these CTEs."""
    return any(
        isinstance(table.this, exp.Identifier) and not table.db and table.name in names
        for table in tree.find_all(exp.Table)
    )


def led_to(tree: Tree, names: set[str], schema: str) -> Tree:
    """The same with these of its relations, which have no schema, read in a schema."""
    led = tree.copy()
    for table in led.find_all(exp.Table):
        if not table.db and table.name in names:
            table.set("db", exp.to_identifier(schema))
    return led


def sources(select: Tree) -> list[Tree]:
    """What a SELECT reads directly: tables, subqueries, functions, in order."""
    first = part(select, "from")
    found = [first.this] if first else []
    found += [join.this for join in select.args.get("joins") or ()]
    return found + list(select.args.get("laterals") or ())


def part(query: Tree, name: str) -> Tree:
    """A clause of a query, or None; newer versions of sqlglot write `from_` and `with_`."""
    return query.args.get(f"{name}_") or query.args.get(name)


def set_part(query: Tree, name: str, value: Tree) -> None:
    """Give a query a clause, or take it away."""
    query.set(f"{name}_" if f"{name}_" in query.arg_types else name, value)


def own(tree: Tree, *kinds: Any) -> Iterator[Tree]:
    """The nodes of some kinds in a query, but not those of the queries within it."""
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, kinds):
            yield node
        if node is tree or not isinstance(node, exp.Query):
            stack += [*node.iter_expressions(reverse=True)]


def fresh_name(tree: Tree, base: str) -> str:
    """A name that no relation, alias or CTE of a tree has."""
    taken = {node.alias_or_name for node in tree.find_all(exp.Table, exp.Subquery, exp.CTE)}
    numbered = (f"{base}_{number}" for number in itertools.count(2))
    return next(name for name in itertools.chain([base], numbered) if name not in taken)


def output_names(tree: Tree) -> list[str]:
    """The names of a query's columns."""
    return list(tree.named_selects)


def _name_columns(select: Tree) -> None:
    """Name what PostgreSQL would name after a function."""
    for item in list(select.expressions):
        call = item
        while isinstance(call, (exp.Window, exp.Filter, exp.WithinGroup)):
            call = call.this
        if isinstance(call, exp.Func) and not isinstance(call, (exp.Cast, exp.Case)):
            name = call.name if isinstance(call, exp.Anonymous) else call.sql_name()
            item.replace(exp.alias_(item.copy(), name.lower()))


def _can_stand_alone(select: Tree, column: Tree) -> bool:
    if not isinstance(column.this, exp.Identifier):
        return False
    name = column.name
    if name.upper() in sqlglot.tokens.Tokenizer.KEYWORDS and not column.this.quoted:
        return False
    # in ORDER BY a name without its relation is that of an output column first
    return not any(
        item.alias == name for item in select.expressions if isinstance(item, exp.Alias)
    ) or column.find_ancestor(exp.Order, exp.Select) is not select.args.get("order")


def _says_it_twice(item: Tree) -> bool:
    # a number is named after itself only by sqlglot
    number = isinstance(item.this, exp.Literal) and not item.this.is_string
    return (number or isinstance(item.this, exp.Column)) and item.this.name == item.alias


def _reaches_out(select: Tree, alias: str) -> bool:
    return any(column.table not in {"", alias} for column in own(select, exp.Column))
