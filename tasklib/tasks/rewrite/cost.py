"""What a refresh costs: rewritten and incremental, against the query as it is in FULL."""

from __future__ import annotations

import contextlib
import itertools
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from tasklib.catalog.database import Connection
from tasklib.catalog.owner import Owner
from tasklib.catalog.trial import make_functions
from tasklib.tasks.rewrite.keys import Keys
from tasklib.tasks.rewrite.pieces import Piece
from tasklib.tasks.rewrite.schema import read_columns
from tasklib.tasks.rewrite.spellings import spellings
from tasklib.tasks.rewrite.tree import led_to, text, tidied

# rows of each source in the copies, of which so many change before each of so many refreshes
ROWS, CHANGED, TIMES = 5000, 10, 5
TIMEOUT_MS = 30_000
# nobody waits for less, whatever the other way takes
NOISE_MS = 500.0
WORTH_IT = 3.0


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
        return self.incremental <= max((self.full or 0.0) * WORTH_IT, NOISE_MS)

    def words(self) -> str:
        """The gain in words."""
        full = "FULL, which fails" if self.full is None else f"{self.full:.0f} ms"
        return "" if self.incremental is None else f"{self.incremental:.0f} ms instead of {full}"


def measure(connection: Connection, original: str, pieces: Sequence[Piece], keys: Keys) -> Cost:
    """Time refreshes on copies of what a query reads; whatever that makes is rolled back.

    Args:
        connection: to the database; autocommit.
        original: the user's query.
        pieces: the stream tables of the rewritten one, each after those that it reads.
        keys: primary keys that tables are to have.
    """
    return Cost(
        _measured(connection, original, pieces, "DIFFERENTIAL", keys),
        _measured(connection, original, [], "FULL", keys),
    )


def _measured(
    connection: Connection, original: str, pieces: Sequence[Piece], mode: str, keys: Keys
) -> float | None:
    for attempt in itertools.count():
        is_last = True
        try:
            with connection.transaction(force_rollback=True):
                copies = _Copies(connection, original, keys)
                names = {piece.name for piece in pieces}
                queries = {
                    piece.name or "model": text(led_to(tidied(piece.tree), names, copies.schema))
                    for piece in pieces
                }
                for name, query in (queries or {"model": original}).items():
                    # as dbt run does, the next spelling where one fails
                    known = spellings(connection, query)
                    is_last = is_last and attempt + 1 >= len(known)
                    copies.add(name, known[min(attempt, len(known) - 1)], mode)
                return min(copies.refresh() for _ in range(TIMES))
        except psycopg.Error:
            if is_last:
                return None
    return None


class _Copies:
    """Copies of a query's sources, and stream tables on them, in the caller's transaction."""

    def __init__(self, connection: Connection, original: str, keys: Keys) -> None:
        self.connection, self.owner = connection, Owner(connection, None)
        self.schema = f"pgtrickle_rewrite_{uuid.uuid4().hex[:12]}"
        self.keep_up: dict[str, bytes] = {}
        make_functions(connection)
        connection.execute("select set_config('statement_timeout', %s, true)", (str(TIMEOUT_MS),))
        with contextlib.suppress(psycopg.errors.InsufficientPrivilege), connection.transaction():
            # where a source is small, the change of a few rows would make it a full refresh
            connection.execute(
                "select set_config('pg_trickle.refresh_strategy', 'differential', true)"
            )
        self.described: dict[str, Any] = connection.execute(
            "select pg_temp.dbt_pgtrickle_trial_fill(pg_temp.dbt_pgtrickle_trial_copy("
            "pg_temp.dbt_pgtrickle_trial_sources(%s, %s, %s), %s)) as described",
            (original, self.owner.path, Jsonb({"rows": ROWS, "keys": keys}), self.schema),
        ).fetchall()[0]["described"]

    def add(self, name: str, query: str, mode: str) -> None:
        """Make a stream table, and a table with its rows for those that read it.

        A manual refresh of a stream table on another one is a full one; on a table it isn't.
        """
        renamed = self.connection.execute(
            "select pg_temp.dbt_pgtrickle_rename(%s, %s) as query",
            (query, Jsonb(self.described["names"])),
        ).fetchall()[0]["query"]
        self.owner.call(
            "create_stream_table", f"{self.schema}.st_{name}", renamed,
            schedule="52w", refresh_mode=mode,
        )  # fmt: skip
        listed = read_columns(self.connection, f"select * from {self.schema}.st_{name}")  # noqa: S608
        columns = sql.SQL(", ").join(
            sql.Identifier(column.name) for column in listed if not column.name.startswith("__pgt_")
        )
        rows, held = (sql.Identifier(self.schema, one) for one in (name, f"st_{name}"))
        self.connection.execute(
            sql.SQL("create table {} as select {} from {}").format(rows, columns, held)
        )
        asked = [part.as_string(self.connection) for part in (rows, held, columns)]
        settle = self.connection.execute(
            "select pg_temp.dbt_pgtrickle_trial_settle(%s, %s, %s) as settle", asked
        ).fetchall()[0]["settle"]
        self.keep_up[name] = settle.encode()

    def refresh(self) -> float:
        """Change some rows of each source, and give the milliseconds of the refreshes."""
        for relation in self.described["relations"]:
            if relation.get("target"):
                self._change(relation)
            if relation.get("settle"):
                self.connection.execute(relation["settle"].encode())
        took = 0.0
        for name, keep_up in self.keep_up.items():
            started = time.monotonic()
            self.owner.call("refresh_stream_table", f"{self.schema}.st_{name}")
            took += time.monotonic() - started
            self.connection.execute(keep_up)
        return took * 1000

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
