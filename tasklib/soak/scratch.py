"""Schemas of its own with copies of a stream table's sources, gone afterwards whatever happens."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from tasklib.database import Connection, serialize
from tasklib.queries import Row, fetch
from tasklib.soak.rename import rename_relations

SUBJECT = "subject"


@dataclass
class Scratch:
    """The copies: the tables to change by (schema, name), and the query that reads them."""

    connection: Connection
    schema: str
    query: str
    tables: dict[tuple[str, str], list[Row]] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        """The scratch stream table's name as the extension takes it."""
        return f"{self.schema}.{SUBJECT}"

    def create_subject(self, mode: str) -> None:
        """Create the stream table; a year's schedule keeps the scheduler away.

        Raises:
            psycopg.Error: the extension refuses the query.
        """
        with self.connection.transaction():
            serialize(self.connection)
            self.connection.execute(
                "select pgtrickle.create_stream_table("
                "%s, %s, schedule => '52w', refresh_mode => %s)",
                (self.subject, self.query, mode),
            )

    def drop_subject(self) -> None:
        """Drop the stream table if it is there."""
        with contextlib.suppress(psycopg.Error), self.connection.transaction():
            serialize(self.connection)
            self.connection.execute("select pgtrickle.drop_stream_table(%s)", (self.subject,))


@contextlib.contextmanager
def scratch_copy(connection: Connection, table: Row, sample: int) -> Iterator[Scratch]:
    """Copy what a stream table reads, at most so many rows of each table, with its keys.

    Args:
        connection: with the right to create a schema.
        table: a row of pgtrickle__contents.
        sample: rows of each table.

    Raises:
        psycopg.Error: the copies can't be made.
    """
    # with no search path, views are spelt out with every schema
    with connection.transaction():
        connection.execute("select set_config('search_path', '', true)")
        sources = fetch(connection, "pgtrickle__soak_sources", call_name=table["call_name"])
    own = f"pgtrickle_soak_{uuid.uuid4().hex[:12]}"
    # tables keep their names, since queries may use these in place of an alias
    names = sorted({source["schema_name"] for source in sources})
    schemas = {name: f"{own}_{number}" for number, name in enumerate(names)}
    scratch = Scratch(connection, own, table["query"])
    try:
        for schema in (own, *schemas.values()):
            connection.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))
        copies: dict[tuple[str, str], str] = {}
        for source in sources:
            schema, name = schemas[source["schema_name"]], source["table_name"]
            copy = sql.Identifier(schema, name)
            if source["is_view"]:
                body = rename_relations(source["definition"], copies)
                connection.execute(
                    sql.SQL("create view {} as ").format(copy).as_bytes(connection) + body.encode()
                )
            else:
                _copy_table(connection, source, copy, sample)
                scratch.tables[schema, name] = source["columns"]
            copies[source["schema_name"], name] = copy.as_string(connection)
        scratch.query = rename_relations(table["query"], copies)
        yield scratch
    finally:
        scratch.drop_subject()
        for schema in (own, *schemas.values()):
            connection.execute(
                sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(schema))
            )


def _copy_table(connection: Connection, source: Row, copy: sql.Identifier, sample: int) -> None:
    original = sql.Identifier(source["schema_name"], source["table_name"])
    columns = sql.SQL(", ").join(sql.Identifier(column["name"]) for column in source["columns"])
    if source["is_stream_table"]:
        connection.execute(
            sql.SQL("create table {} as select {} from {} limit 0").format(copy, columns, original)
        )
    else:
        connection.execute(
            sql.SQL(
                "create table {} (like {} including all excluding statistics excluding identity)"
            ).format(copy, original)
        )
    connection.execute(
        sql.SQL("insert into {0} ({1}) select {1} from {2} limit {3}").format(
            copy, columns, original, sql.Literal(sample)
        )
    )
