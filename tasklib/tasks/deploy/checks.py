"""What has to hold for stream tables before they take the place of others."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

import psycopg
from psycopg import sql

from tasklib.base.display import progress_bar, say, show_check, worst_first
from tasklib.base.errors import UserError
from tasklib.catalog.database import Connection, as_scheduler
from tasklib.catalog.queries import fetch, first_line
from tasklib.catalog.rows import Contents, Freshness, RefreshPlan
from tasklib.catalog.scope import Scope
from tasklib.project.manifest import Model, as_json
from tasklib.project.project import Project
from tasklib.tasks import cdc_health, refresh, verify
from tasklib.tasks.deploy.versions import Move, Version
from tasklib.tasks.freshness import task as freshness

POLL_SECONDS = 0.2
# While others write, or a transaction is open anywhere on the server, a refresh takes in the latest
# a little later, and one comparison that finds no difference proves more than one that does.
ATTEMPTS = 5
# what an index is but for its own name and its table's
INDEXES = """
    with index as (
      select indrelid, relname, pg_get_indexdef(indexrelid) as text, regexp_replace(
        pg_get_indexdef(indexrelid), '^CREATE (UNIQUE )?INDEX .*? USING ', '\\1USING ') as what
      from pg_catalog.pg_index
      join pg_catalog.pg_class on pg_class.oid = indexrelid
    )
    select relname, text, pg_catalog.format(' ON %%s ', indrelid::regclass) as place
    from index
    where indrelid = to_regclass(%(present)s) and text not like '%%\\_\\_pgt\\_%%'
      and what not in (select what from index where indrelid = to_regclass(%(coming)s))
"""


def copy_indexes(connection: Connection, moves: Sequence[Move], comes: Version) -> None:
    """Make the indexes that somebody gave to what is in use on what was built beside it.

    Args:
        connection: as the owner.
        moves: what is to change places.
        comes: what was built.

    Raises:
        UserError: one can't be made.
    """
    for move in moves:
        name, schema = move["table_name"], comes.schemas[move["schema_name"]]
        coming = _quoted(connection, schema, name)
        asked = {"present": _quoted(connection, move["schema_name"], name), "coming": coming}
        for row in connection.execute(INDEXES, asked).fetchall():
            text = row["text"].replace(row["place"], f" ON {coming} ", 1)
            try:
                connection.execute(text.encode())
            except psycopg.errors.UndefinedColumn:
                continue
            except psycopg.Error as error:
                raise UserError(
                    f"{schema}.{name} can't have the index {row['relname']}: {first_line(error)}",
                    "Drop that index of the present one, or mend the model.",
                ) from None


def _quoted(connection: Connection, schema: str, name: str) -> str:
    return sql.Identifier(schema, name).as_string(connection)


def check(connection: Connection, project: Project, models: list[Model]) -> None:
    """Compare contents with queries, look at freshness and change capture; show what is found.

    Args:
        connection: to the database.
        project: the project.
        models: the stream tables.

    Raises:
        UserError: one isn't right, isn't fresh, or a source's changes aren't captured.
    """
    managed = as_json(models)
    names = json.dumps([f"{one.schema_name}.{one.table_name}" for one in models])
    as_scheduler(connection)
    tables = fetch(connection, Contents, managed=managed, names=names)
    found: dict[str, verify.Verified] = {}
    for attempt in range(ATTEMPTS):
        time.sleep(attempt / 2)
        with progress_bar() as progress:
            rows = verify.compare_all(connection, tables, verify.Extent(), progress)
        found |= {row["subject"]: row for row in rows}
        tables = [one for one in tables if found[one["subject"]]["reason"] == "differs"]
        if not tables:
            break
        if attempt == ATTEMPTS - 2:
            # what others wrote while it was filled, and committed later, never comes (0.67.0)
            for told in cdc_health.refill(connection, [one["subject"] for one in tables]):
                say(told)
    failed = show_check("verify", sorted(found.values(), key=worst_first), verify.COLUMNS)
    fresh = fetch(connection, Freshness, managed=managed)
    failed += show_check("freshness", fresh, freshness.COLUMNS)
    captured = cdc_health.judge(connection, Scope(managed, everything=False, project=project))
    failed += show_check("cdc-health", captured, cdc_health.COLUMNS)
    if failed:
        raise UserError("What is to take its place isn't as it should be.", "See above.")


def catch_up(
    connection: Connection, project: Project, names: Sequence[str], lag: float, deadline: float
) -> float:
    """Refresh stream tables, upstream first, until a round takes less than a lag.

    Args:
        connection: to the database.
        project: the project.
        names: stream tables, with schema.
        lag: how many seconds they may be behind.
        deadline: on time.monotonic()'s clock.

    Returns:
        How many seconds they are behind at most.

    Raises:
        UserError: one can't be refreshed, or they don't catch up in time.
    """
    while names:
        started = time.monotonic()
        plan = fetch(connection, RefreshPlan, names=json.dumps(list(names)), only=True)
        results = refresh.run(project.environment(), plan, timeout=max(1, deadline - started))
        for row in results:
            if row["outcome"] not in ("refreshed", "current", "skipped"):
                raise UserError(f"{row['subject']}: {row['cause']}", row["remedy"])
        took = time.monotonic() - started
        if took <= lag and not any(row["outcome"] == "skipped" for row in results):
            return took
        if time.monotonic() > deadline:
            raise UserError(
                f"It doesn't catch up: the last round of refreshes took {took:.1f} s.",
                "Allow more with --lag, or wait longer with --timeout.",
            )
    return 0.0


def wait_for_snapshots(connection: Connection, deadline: float) -> None:
    """Wait until all who might see what was just filled as empty have ended their transactions.

    Whoever keeps a snapshot from before the filling would. PostgreSQL's concurrent index builds
    wait for the same.

    Raises:
        UserError: somebody doesn't, in time.
    """
    asked = """
        select pid, virtualtransaction
        from pg_catalog.pg_locks
        join pg_catalog.pg_stat_activity using (pid)
        where locktype = 'virtualxid' and mode = 'ExclusiveLock'
          and backend_xmin is not null and backend_type = 'client backend'
          and pid <> pg_catalog.pg_backend_pid() and datname = pg_catalog.current_database()
    """
    before = {tuple(row.values()) for row in connection.execute(asked)}
    while True:
        before &= {tuple(row.values()) for row in connection.execute(asked)}
        if not before:
            return
        if time.monotonic() > deadline:
            pids = ", ".join(str(pid) for pid, _ in sorted(before))
            raise UserError(
                f"A transaction is still open that began before the filling (process {pids}): "
                "it would find the new tables empty.",
                "End it, or wait longer with --timeout.",
            )
        time.sleep(POLL_SECONDS)
