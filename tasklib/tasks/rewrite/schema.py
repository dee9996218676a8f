"""What the database knows of the relations that queries read: columns, types, keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from psycopg import sql
from sqlglot import exp
from sqlglot.errors import SqlglotError

from tasklib.catalog.database import Connection
from tasklib.catalog.owner import Owner
from tasklib.catalog.rows import AnyRow
from tasklib.tasks.rewrite.tree import Tree, name_of, parse, qualified, tables

RELATION = """
select
  namespace.nspname::text as schema_name,
  relation.relname::text as table_name,
  array(
    select jsonb_build_object(
      'name', attname, 'type', format_type(atttypid, atttypmod), 'nullable', not attnotnull
    )
    from pg_catalog.pg_attribute
    where attrelid = relation.oid and attnum > 0 and not attisdropped
      and not starts_with(attname, '__pgt_')
    order by attnum
  ) as columns,
  case when relation.relkind = 'v' then pg_catalog.pg_get_viewdef(relation.oid) end as definition,
  (
    select array_agg(attribute.attname::text order by key.position)
    from pg_catalog.pg_index
    cross join lateral unnest(indkey::int2[]) with ordinality as key(attnum, position)
    join pg_catalog.pg_attribute attribute
      on attribute.attrelid = relation.oid and attribute.attnum = key.attnum
    where indrelid = relation.oid and indisprimary
  ) as key
from pg_catalog.pg_class relation
join pg_catalog.pg_namespace namespace on namespace.oid = relation.relnamespace
where relation.oid = %s
"""


@dataclass(frozen=True)
class Column:
    """A column: its name, its type as PostgreSQL writes it with its modifier, whether it's NULL."""

    name: str
    type: str
    nullable: bool = True


@dataclass(frozen=True)
class Relation:
    """A table or view.

    Args:
        columns: its columns in order.
        key: its primary key's names; none: no key.
        definition: a view's query, spelt out; None where it can't be read.
    """

    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    definition: Tree = None

    def column(self, name: str) -> Column | None:
        """The column of that name."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass
class Schema:
    """The relations that a query reads, by (schema, name)."""

    relations: dict[tuple[str, str], Relation] = field(default_factory=dict)

    def of(self, table: Tree) -> Relation | None:
        """The relation behind a table of a tree; None for a CTE's name."""
        return self.relations.get(name_of(table))

    def names(self) -> dict[tuple[str, str], list[str]]:
        """The names of each relation's columns."""
        return {
            place: [column.name for column in relation.columns]
            for place, relation in self.relations.items()
        }

    def with_keys(self, keys: Mapping[str, Sequence[str]]) -> Schema:
        """The same with primary keys that tables are to have, by `schema.name`."""
        given = {place: keys.get(".".join(place)) for place in self.relations}
        return Schema(
            {
                place: replace(relation, key=tuple(given[place] or relation.key))
                for place, relation in self.relations.items()
            }
        )


def read_schema(connection: Connection, tree: Tree) -> Schema:
    """Look up what a query and the views under it read, and write each's schema into the tree.

    Args:
        connection: to the database.
        tree: a parsed query; its tables are given the schema that the database finds them in.
    """
    found: dict[tuple[str, str], Relation] = {}
    owner = Owner(connection, None)
    for table in tables(tree):
        place = sql.Identifier(*(part for part in name_of(table) if part)).as_string(connection)
        asked = sql.SQL("select pg_catalog.to_regclass({})::pg_catalog.oid::bigint")
        oid = owner.ask(asked.format(sql.Literal(place)))
        for row in connection.execute(RELATION, (oid,)).fetchall():
            table.set("catalog", None)
            if not table.db:
                table.set("db", exp.to_identifier(row["schema_name"], quoted=True))
            definition, read = _definition(connection, row["definition"])
            found = read | found
            found[row["schema_name"], row["table_name"]] = _relation(row, definition)
    return Schema(found)


def read_columns(connection: Connection, query: str) -> tuple[Column, ...]:
    """The columns that a query gives, with their types and modifiers; it isn't run.

    Raises:
        psycopg.Error: PostgreSQL refuses the query.
    """
    with connection.transaction(force_rollback=True):
        view = Owner(connection, None).view(query)
        rows = connection.execute(
            "select attname::text as name, format_type(atttypid, atttypmod) as type "
            "from pg_attribute where attrelid = %s::regclass and attnum > 0 order by attnum",
            (view,),
        ).fetchall()
    return tuple(Column(row["name"], row["type"]) for row in rows)


def _definition(
    connection: Connection, query: str | None
) -> tuple[Tree, dict[tuple[str, str], Relation]]:
    """A view's query, spelt out, and what it reads; None and nothing where it can't be read."""
    try:
        tree = parse((query or "").rstrip().rstrip(";"))
        read = read_schema(connection, tree)
        return qualified(tree, read.names()), read.relations
    except SqlglotError:
        return None, {}


def _relation(row: AnyRow, definition: Tree) -> Relation:
    columns: Sequence[AnyRow] = row["columns"]
    listed = tuple(Column(**column) for column in columns)
    return Relation(listed, tuple(row["key"] or ()), definition)
