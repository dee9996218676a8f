"""What a refresh costs: rewritten and incremental, against the query as it is in FULL."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from tasklib.database import Connection
from tasklib.queries import render
from tasklib.rewrite.pieces import Piece
from tasklib.rewrite.schema import read_columns
from tasklib.rewrite.tree import led_to, text, tidied

# rows of each source in the copies, of which so many change before each of so many refreshes
ROWS, CHANGED, TIMES = 5000, 10, 5
TIMEOUT_MS = 30_000
# nobody waits for less, whatever the other way takes
NOISE_MS = 100.0
WORTH_IT = 3.0
# a table follows a stream table, with as few changes as that had
KEEP_UP = (
    "delete from {rows} where ctid in (select ctid from {rows} where row({columns})::text not in "
    "(select row({columns})::text from {held}))",
    "insert into {rows} select {columns} from {held} where row({columns})::text not in "
    "(select row({columns})::text from {rows})",
)


@dataclass(frozen=True)
class Cost:
    """What a refresh takes after a few changes, in milliseconds; None where it can't be measured.

    Args:
        incremental: of all stream tables of the rewritten query.
        full: of the query as it is, in FULL.
    """

    incremental: float | None
    full: float | None

    @property
    def pays(self) -> bool:
        """Whether to propose it.

        The copies are small: an incremental refresh costs the same with many rows, FULL doesn't.
        So up to WORTH_IT times the cost of FULL passes, and whatever is below NOISE_MS.
        """
        if self.incremental is None:
            return False
        return self.full is None or self.incremental <= max(self.full * WORTH_IT, NOISE_MS)

    def words(self) -> str:
        """The gain in words."""
        full = "FULL, which fails" if self.full is None else f"{self.full:.0f} ms"
        return "" if self.incremental is None else f"{self.incremental:.0f} ms instead of {full}"


def measure(connection: Connection, original: str, pieces: Sequence[Piece]) -> Cost:
    """Time refreshes on copies of what a query reads; whatever that makes is rolled back.

    Args:
        connection: to the database; autocommit.
        original: the user's query.
        pieces: the stream tables of the rewritten one, each after those that it reads.
    """
    return Cost(
        _measured(connection, original, pieces, "DIFFERENTIAL"),
        _measured(connection, original, [], "FULL"),
    )


def _measured(
    connection: Connection, original: str, pieces: Sequence[Piece], mode: str
) -> float | None:
    try:
        with connection.transaction(force_rollback=True):
            copies = _Copies(connection, original)
            names = {piece.name for piece in pieces}
            for piece in pieces:
                query = text(led_to(tidied(piece.tree), names, copies.schema))
                copies.add(piece.name or "model", query, mode)
            if not pieces:
                copies.add("model", original, mode)
            return min(copies.refresh() for _ in range(TIMES))
    except psycopg.Error:
        return None


class _Copies:
    """Copies of a query's sources, and stream tables on them, in the caller's transaction."""

    def __init__(self, connection: Connection, original: str) -> None:
        self.connection = connection
        self.schema = f"pgtrickle_rewrite_{uuid.uuid4().hex[:12]}"
        self.columns: dict[str, sql.Composed] = {}
        connection.execute(render("pgtrickle__trial_functions").encode())
        connection.execute("select set_config('statement_timeout', %s, true)", (str(TIMEOUT_MS),))
        with contextlib.suppress(psycopg.errors.InsufficientPrivilege), connection.transaction():
            # where a source is small, the change of a few rows would make it a full refresh
            connection.execute(
                "select set_config('pg_trickle.refresh_strategy', 'differential', true)"
            )
        self.described: dict[str, Any] = connection.execute(
            "select pg_temp.dbt_pgtrickle_trial_fill(pg_temp.dbt_pgtrickle_trial_copy("
            "pg_temp.dbt_pgtrickle_trial_sources(%s, %s, %s, current_setting('search_path')), %s"
            ")) as described",
            (original, original, ROWS, self.schema),
        ).fetchall()[0]["described"]

    def add(self, name: str, query: str, mode: str) -> None:
        """Make a stream table, and a table with its rows for those that read it.

        A manual refresh of a stream table on another one is a full one; on a table it isn't.
        """
        self.connection.execute(
            "select pgtrickle.create_stream_table(%s, pg_temp.dbt_pgtrickle_rename(%s, %s), "
            "schedule => '52w', refresh_mode => %s)",
            (f"{self.schema}.st_{name}", query, Jsonb(self.described["names"]), mode),
        )
        listed = read_columns(self.connection, f"select * from {self.schema}.st_{name}")  # noqa: S608
        self.columns[name] = sql.SQL(", ").join(
            sql.Identifier(column.name) for column in listed if not column.name.startswith("__pgt_")
        )
        self._run(name, "create table {rows} as select {columns} from {held}")

    def refresh(self) -> float:
        """Change some rows of each source, and give the milliseconds of the refreshes."""
        for relation in self.described["relations"]:
            if relation.get("target"):
                self._change(relation)
        took = 0.0
        for name in self.columns:
            started = time.monotonic()
            self.connection.execute(
                "select pgtrickle.refresh_stream_table(%s)", (f"{self.schema}.st_{name}",)
            )
            took += time.monotonic() - started
            for statement in KEEP_UP:
                self._run(name, statement)
        return took * 1000

    def _run(self, name: str, statement: str) -> None:
        self.connection.execute(
            sql.SQL(statement).format(
                rows=sql.Identifier(self.schema, name),
                held=sql.Identifier(self.schema, f"st_{name}"),
                columns=self.columns[name],
            )
        )

    def _change(self, relation: dict[str, Any]) -> None:
        """Give some rows the next row's value in a column that the query uses, but for a key's."""
        keys = {name for key in relation["keys"] for name in key}
        candidates = [
            column["name"]
            for column in sorted(relation["columns"], key=lambda column: not column["used"])
            if not column["generated"] and column["name"] not in keys
        ]
        if candidates:
            self.connection.execute(
                sql.SQL(
                    "update {0} as t set {1} = o.other from (select ctid as at, lead({1}) over "
                    "(order by ctid) as other from {0} limit {2}) as o "
                    "where t.ctid = o.at and o.other is not null"
                ).format(
                    sql.SQL(relation["target"]), sql.Identifier(candidates[0]), sql.Literal(CHANGED)
                )
            )
