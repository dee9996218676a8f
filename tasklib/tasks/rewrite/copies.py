"""Copies of what a query reads, and stream tables on them, in a transaction that is rolled back."""

from __future__ import annotations

import contextlib
import json
import time
import uuid
from typing import Any

import psycopg
from psycopg import sql

from tasklib.catalog.database import Connection
from tasklib.catalog.owner import Owner
from tasklib.catalog.trial import make_functions, run
from tasklib.tasks.rewrite.keys import Keys
from tasklib.tasks.rewrite.schema import read_columns

# rows of each source that change at once
CHANGED = 10
TIMEOUT_MS = 30_000


class Copies:
    """Copies of a query's sources, and stream tables on them, in the caller's transaction.

    Args:
        connection: to the database.
        original: the query whose sources are copied.
        keys: primary keys that tables are to have.
        rows: of each source to copy.
        linked: whether stream tables read each other; else each reads tables with their rows, as
            a manual refresh of a stream table on another one is a full one.
        owner: the role with whose rights, who owns them all; None: this one.
    """

    def __init__(
        self,
        connection: Connection,
        original: str,
        keys: Keys,
        *,
        rows: int,
        linked: bool = False,
        owner: str | None = None,
    ) -> None:
        self.connection, self.owner = connection, Owner(connection, owner)
        self.schema = f"pgtrickle_rewrite_{uuid.uuid4().hex[:12]}"
        self.names: list[str] = []
        self.linked = linked
        self._keep_up: dict[str, str] = {}
        make_functions(connection)
        connection.execute("select set_config('statement_timeout', %s, true)", (str(TIMEOUT_MS),))
        with contextlib.suppress(psycopg.errors.InsufficientPrivilege), connection.transaction():
            # where a source is small, the change of a few rows would make it a full refresh
            connection.execute(
                "select set_config('pg_trickle.refresh_strategy', 'differential', true)"
            )
        options = json.dumps({"rows": rows, "keys": keys})
        described = sql.SQL(
            "select pg_temp.dbt_pgtrickle_trial_fill(pg_temp.dbt_pgtrickle_trial_copy("
            "pg_temp.dbt_pgtrickle_trial_sources({}, {}, {}::pg_catalog.jsonb), {}))"
            "::pg_catalog.text"
        ).format(original, self.owner.path, options, self.schema)
        self.described: dict[str, Any] = json.loads(self.owner.ask(described))

    def add(self, name: str, query: str, mode: str) -> None:
        """Make a stream table.

        Args:
            name: what the queries of other stream tables name in this schema.
            query: its query.
            mode: its refresh mode.
        """
        names = json.dumps(self.described["names"])
        asked = sql.SQL("select pg_temp.dbt_pgtrickle_rename({}, {}::pg_catalog.jsonb)")
        renamed = self.owner.ask(asked.format(query, names))
        self.owner.call(
            "create_stream_table", f"{self.schema}.{self._held(name)}", renamed,
            schedule="52w", refresh_mode=mode,
        )  # fmt: skip
        self.names.append(name)
        if not self.linked:
            self._copy_rows(name)

    def change(self) -> None:
        """Change some rows of each source."""
        for relation in self.described["relations"]:
            if relation.get("target"):
                self._change(relation)
            if relation.get("settle"):
                run(self.owner, relation["settle"])

    def refresh(self, name: str) -> float:
        """Refresh a stream table, and give the milliseconds that it took."""
        started = time.monotonic()
        self.owner.call("refresh_stream_table", f"{self.schema}.{self._held(name)}")
        took = time.monotonic() - started
        if name in self._keep_up:
            run(self.owner, self._keep_up[name])
        return took * 1000

    def is_keyless(self, name: str) -> bool:
        """Whether the extension takes a stream table's rows for those of a table without a key."""
        rows = self.connection.execute(
            "select coalesce(to_jsonb(s) ->> 'has_keyless_source' = 'true', false) as it "
            "from pgtrickle.pgt_stream_tables s where pgt_schema = %s and pgt_name = %s",
            (self.schema, self._held(name)),
        ).fetchall()
        return any(row["it"] for row in rows)

    def _held(self, name: str) -> str:
        """What the stream table itself is called."""
        return name if self.linked else f"st_{name}"

    def _copy_rows(self, name: str) -> None:
        """Make a table with a stream table's rows, for those that read it."""
        held_as = self._held(name)
        listed = read_columns(self.connection, f"select * from {self.schema}.{held_as}")  # noqa: S608
        columns = sql.SQL(", ").join(
            sql.Identifier(column.name) for column in listed if not column.name.startswith("__pgt_")
        )
        rows, held = (sql.Identifier(self.schema, one) for one in (name, held_as))
        create = sql.SQL("create table {} as select {} from {}").format(rows, columns, held)
        run(self.owner, create.as_string(self.connection))
        asked = [part.as_string(self.connection) for part in (rows, held, columns)]
        settle = sql.SQL("select pg_temp.dbt_pgtrickle_trial_settle({}, {}, {})").format(*asked)
        self._keep_up[name] = self.owner.ask(settle)

    def _change(self, relation: dict[str, Any]) -> None:
        """Give some rows the next row's value in a column that the query uses, but for a key's."""
        keys = {name for key in relation["keys"] for name in key}
        candidates = [
            column["name"]
            for column in sorted(relation["columns"], key=lambda column: not column["used"])
            if not column["generated"] and column["name"] not in keys
        ]
        if candidates:
            change = sql.SQL(
                "update {0} as t set {1} = o.other from (select ctid as at, lead({1}) over "
                "(order by ctid) as other from {0} limit {2}) as o "
                "where t.ctid = o.at and o.other is not null"
            ).format(sql.SQL(relation["target"]), sql.Identifier(candidates[0]), CHANGED)
            run(self.owner, change.as_string(self.connection))
