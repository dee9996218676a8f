"""The process that refreshes what is due, holding the scheduler's lock on its database."""

from __future__ import annotations

import logging
import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

import psycopg
from psycopg.rows import dict_row

from tasklib.pg_trickle_lite.due import in_dependency_order, next_due
from tasklib.pg_trickle_lite.heartbeat import Heartbeat
from tasklib.pg_trickle_lite.holdback import Holdback, concerns, pass_over

ALREADY_RUNNING = 3
_TICK_SECONDS = 0.5
_RECONNECT_SECONDS = 1.0
_PRUNE_SECONDS = 600.0
# Serialization failure, deadlock, lock not available, cancelled: worth another try as they are.
_RETRYABLE = ("40", "55P03", "57014")

_TAKE_LOCK = "select pg_try_advisory_lock(pgtrickle_lite.lock_space(), 0) as taken"
_ACTIVE = """
    select
        st.pgt_id, st.pgt_schema || '.' || st.pgt_name as name, st.schedule, st.refresh_tier,
        st.needs_reinit, st.is_populated, st.refresh_mode, st.last_refresh_at,
        clock_timestamp() as now,
        array(
            select upstream.pgt_id
            from pgtrickle.pgt_dependencies as dependency
            join pgtrickle.pgt_stream_tables as upstream
                on upstream.pgt_relid = dependency.source_relid
            where dependency.pgt_id = st.pgt_id
        ) as reads
    from pgtrickle.pgt_stream_tables as st
    where st.status = 'ACTIVE' and st.refresh_mode <> 'IMMEDIATE'
"""
_PRUNE = """
    delete from pgtrickle.pgt_refresh_history
    where (action = 'NO_DATA' and start_time < now() - interval '1 day')
        or start_time < now() - interval '90 days'
"""

log = logging.getLogger("pg_trickle_lite")
Connection = psycopg.Connection[dict[str, Any]]


class Worker:
    """Refreshes what is due until it is told to stop or its parent has gone."""

    def __init__(self) -> None:
        self._stopping = False
        self._parent = os.getppid()
        self._last_prune = 0.0
        self._had_lock = False
        self._complaint = ""
        self._holdback = Holdback()

    def stop(self, *_: object) -> None:
        """Finish the refresh under way, then end."""
        self._stopping = True

    def run(self) -> int:
        """Connect, and again whenever the database comes back; give the exit code."""
        while self._wanted():
            try:
                with self._connection() as connection:
                    if not self._take_lock(connection):
                        log.error("another scheduler already serves this database")
                        return ALREADY_RUNNING
                    log.info("scheduler is running")
                    self._had_lock = True
                    heartbeat = Heartbeat()
                    self._complaint = ""
                    while self._wanted():
                        heartbeat.give(connection)
                        self._tick(connection)
                        self._pause(_TICK_SECONDS)
            except psycopg.Error as error:
                self._complain(_first_line(error))
                self._pause(_RECONNECT_SECONDS)
        log.info("scheduler stops")
        return 0

    def _complain(self, reason: str) -> None:
        # A database may be away for a night; the log says so once.
        if reason != self._complaint:
            self._complaint = reason
            log.warning("no database: %s", reason)

    def _wanted(self) -> bool:
        return not self._stopping and os.getppid() == self._parent

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        # libpq's own variables say where; a refresh must not wait for ever behind somebody's DDL.
        connection = psycopg.connect(
            autocommit=True, row_factory=dict_row, application_name="pg_trickle_lite scheduler",
            connect_timeout=5, options="-c lock_timeout=5s -c client_min_messages=warning",
        )  # fmt: skip
        with connection:
            yield connection

    def _take_lock(self, connection: Connection) -> bool:
        # After a restart the lock of one's own former session may live on for a moment.
        deadline = time.monotonic() + (60 if self._had_lock else 3)
        while self._wanted():
            row = connection.execute(_TAKE_LOCK).fetchone()
            if row and row["taken"]:
                return True
            if time.monotonic() > deadline:
                return False
            self._pause(0.2)
        return True

    def _pause(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self._wanted() and time.monotonic() < deadline:
            time.sleep(0.1)

    def _tick(self, connection: Connection) -> None:
        held = self._holdback.is_active(connection)
        active = {row["pgt_id"]: row for row in connection.execute(_ACTIVE)}
        for pgt_id in in_dependency_order(
            {key: set(row["reads"]) & active.keys() for key, row in active.items()}
        ):
            if not (self._wanted() and _is_due(active[pgt_id])):
                continue
            if held and concerns(active[pgt_id]):
                pass_over(connection, pgt_id)
            else:
                self._refresh(connection, pgt_id, active[pgt_id]["name"])
        if time.monotonic() - self._last_prune > _PRUNE_SECONDS:
            self._last_prune = time.monotonic()
            connection.execute(_PRUNE)

    def _refresh(self, connection: Connection, pgt_id: int, name: str) -> None:
        try:
            row = connection.execute(
                "select pgtrickle_lite.scheduled_refresh(%s) as action", (pgt_id,)
            ).fetchone()
        except psycopg.Error as error:
            if connection.closed:
                raise
            self._handle_failure(connection, pgt_id, name, error)
        else:
            if row and row["action"] not in (None, "NO_DATA"):
                log.info("%s: %s", name, row["action"])

    def _handle_failure(
        self, connection: Connection, pgt_id: int, name: str, error: psycopg.Error
    ) -> None:
        if (error.sqlstate or "").startswith(_RETRYABLE):
            log.warning("%s: %s; tried again later", name, _first_line(error))
            return
        log.error("%s: %s", name, _first_line(error))
        connection.execute(
            "select pgtrickle_lite.record_failure(%s, %s, %s)",
            (pgt_id, _condition_name(error), error.diag.message_primary or str(error)),
        )


def _is_due(row: dict[str, Any]) -> bool:
    last: datetime | None = row["last_refresh_at"]
    # a clock that was set back is nothing to wait for
    if last is None or last > row["now"] or row["needs_reinit"]:
        return bool(row["refresh_tier"] != "frozen")
    due = next_due(row["schedule"], row["refresh_tier"], last)
    return due is not None and bool(due <= row["now"])


def _condition_name(error: psycopg.Error) -> str:
    words = re.findall(r"[A-Z][a-z0-9]*", type(error).__name__)
    return "ERRCODE_" + "_".join(words).upper()


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def main() -> int:
    """Run a worker whose log goes to standard error."""
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s"
    )
    worker = Worker()
    signal.signal(signal.SIGTERM, worker.stop)
    with suppress(KeyboardInterrupt):
        return worker.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
