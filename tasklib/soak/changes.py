"""Random changes of a table, drawn from its own values: repeatable by the generator's seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from psycopg import sql

from tasklib.database import Connection
from tasklib.queries import Row
from tasklib.soak.scratch import Scratch

KINDS = ("insert", "insert", "update", "update", "delete", "key")
NULLS = 0.2
Table = tuple[str, str]
INTEGERS = ("smallint", "integer", "bigint")


@dataclass(frozen=True, eq=False)
class Change:
    """One statement, with what it does in words."""

    statement: sql.Composed
    words: str

    def apply(self, connection: Connection) -> bool:
        """Make the change; tell whether the table's constraints let it pass."""
        try:
            with connection.transaction():
                connection.execute(self.statement)
        except (psycopg.IntegrityError, psycopg.DataError):
            return False
        return True


@dataclass
class Changer:
    """Makes changes in a scratch copy."""

    scratch: Scratch
    chance: random.Random

    def round(self, size: int) -> Iterator[Change]:
        """Make so many changes, each in a random table; give those that its constraints let pass.

        Raises:
            psycopg.Error: a write fails for another reason than a constraint of the table's.
        """
        for _ in range(size):
            table = self.chance.choice(sorted(self.scratch.tables))
            change = self._change(table, self.chance.choice(KINDS))
            if change.apply(self.scratch.connection):
                yield change

    def _change(self, table: Table, kind: str) -> Change:
        columns = self.scratch.tables[table]
        rows = self._rows(table, columns)
        keys = [column["name"] for column in columns if column["key"]]
        if not rows or (kind == "key" and not keys):
            kind = "insert"
        if kind == "insert":
            values = {column["name"]: self._draw(rows, column) for column in columns}
            values |= self._new_key(rows, columns)
            return self._insert(table, columns, values)
        row = self.chance.choice(rows)
        if kind == "delete":
            return self._delete(table, row)
        if kind == "key":
            values = self._new_key(rows, columns)
        else:
            column = self.chance.choice([c for c in columns if not c["key"]] or columns)
            values = {column["name"]: self._draw(rows, column)}
        return self._update(table, columns, row, values)

    def _rows(self, table: Table, columns: list[Row]) -> list[Row]:
        texts = sql.SQL(", ").join(
            sql.SQL("{0}::text as {0}").format(sql.Identifier(column["name"])) for column in columns
        )
        statement = sql.SQL("select t::text as whole, {} from {} t order by t::text").format(
            texts, sql.Identifier(*table)
        )
        return self.scratch.connection.execute(statement).fetchall()

    def _draw(self, rows: list[Row], column: Row) -> str | None:
        if column["nullable"] and self.chance.random() < NULLS:
            return None
        value: str | None = self.chance.choice(rows)[column["name"]] if rows else None
        return value

    def _new_key(self, rows: list[Row], columns: list[Row]) -> dict[str, str | None]:
        values: dict[str, str | None] = {}
        for column in columns:
            if not column["key"]:
                continue
            if column["type"] in INTEGERS:
                highest = max((int(row[column["name"]]) for row in rows), default=0)
                values[column["name"]] = str(highest + self.chance.randint(1, 3))
            elif column["type"] == "uuid":
                values[column["name"]] = f"{self.chance.getrandbits(128):032x}"
            elif column["type"].startswith(("text", "character")):
                values[column["name"]] = f"k{self.chance.getrandbits(24):x}"
            else:
                values[column["name"]] = self._draw(rows, column)
        return values

    def _insert(self, table: Table, columns: list[Row], values: dict[str, str | None]) -> Change:
        statement = sql.SQL("insert into {} ({}) values ({})").format(
            sql.Identifier(*table),
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join(_literal(columns, name, value) for name, value in values.items()),
        )
        return Change(statement, f"insert in {table[1]}: {values}")

    def _update(
        self, table: Table, columns: list[Row], row: Row, values: dict[str, str | None]
    ) -> Change:
        statement = sql.SQL("update {0} set {1} where {2}").format(
            sql.Identifier(*table),
            sql.SQL(", ").join(
                sql.SQL("{} = {}").format(sql.Identifier(name), _literal(columns, name, value))
                for name, value in values.items()
            ),
            _this(table, row),
        )
        return Change(statement, f"update in {table[1]}: {_shown(row)} to {values}")

    def _delete(self, table: Table, row: Row) -> Change:
        statement = sql.SQL("delete from {} where {}").format(
            sql.Identifier(*table), _this(table, row)
        )
        return Change(statement, f"delete in {table[1]}: {_shown(row)}")


def _this(table: Table, row: Row) -> sql.Composed:
    """One row, by its contents: where it lies is another place when changes are redone."""
    return sql.SQL("ctid = (select ctid from {} t where t::text = {} limit 1)").format(
        sql.Identifier(*table), sql.Literal(row["whole"])
    )


def _literal(columns: list[Row], name: str, value: str | None) -> sql.Composed:
    kind = next(column["type"] for column in columns if column["name"] == name)
    # the name of the type is the server's own spelling
    return sql.SQL("{}::").format(sql.Literal(value)) + sql.SQL(kind)


def _shown(row: Row) -> dict[str, str | None]:
    return {name: value for name, value in row.items() if name != "whole"}
