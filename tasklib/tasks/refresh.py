"""Refresh stream tables now: upstream first, independent ones side by side."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from graphlib import TopologicalSorter

import psycopg
from psycopg.errors import Diagnostic

from tasklib.base.display import print_json, progress_bar, show_outcomes
from tasklib.base.findings import ERROR, OK
from tasklib.catalog.database import Connection, as_scheduler, connect, connect_to_primary
from tasklib.catalog.owner import Owner
from tasklib.catalog.queries import fetch, first_line
from tasklib.catalog.rows import RefreshPlan
from tasklib.project import manifest
from tasklib.project.project import Project

# how long to try again while another session refreshes the same table
PATIENCE = 30.0
RETRY_INTERVAL = 0.5
STOPPING = {"failed", "skipped", "blocked"}


class Refreshed(RefreshPlan):
    """A row of the plan, and what became of it."""

    seconds: float | None


def refresh(
    project: Project,
    models: Sequence[str] = (),
    *,
    only: bool = False,
    threads: int = 4,
    timeout: float | None = None,
    all_owners: bool = False,
    as_json: bool = False,
) -> int:
    """Refresh models' stream tables (all of dbt's by default) and show what became of each.

    Args:
        project: the project.
        models: models or stream tables; by default all of dbt's.
        only: leave out what they read from.
        threads: how many at once.
        timeout: seconds that one table may take.
        all_owners: other roles' too, with their rights.
        as_json: print JSON.

    Returns:
        The exit status: 1 if one could not be refreshed.

    Raises:
        UserError: (exit status 2) the catalog can't be read.
    """
    managed = manifest.as_json(manifest.stream_table_models(project))
    names = json.dumps(list(models)) if models else None
    environment = project.environment()
    with closing(connect_to_primary(environment, "refresh")) as connection:
        plan = fetch(
            connection,
            RefreshPlan,
            managed=managed,
            names=names,
            only=only,
        )
    if not all_owners:
        plan = [_left_alone(row) if not row["is_ours"] else row for row in plan]
    results = run(environment, plan, threads=threads, timeout=timeout)
    missed = any(_missed(row) for row in results)
    if as_json:
        print_json("refresh", ERROR if missed else OK, results)
    else:
        show_outcomes("refresh", results)
    return int(missed)


def run(
    environment: dict[str, str],
    plan: list[RefreshPlan],
    *,
    threads: int = 4,
    timeout: float | None = None,
) -> list[Refreshed]:
    """Carry out a plan; give what became of each table.

    Args:
        environment: libpq's variables.
        plan: what to refresh, in order.
        threads: how many at once.
        timeout: seconds that one table may take.
    """
    return _Run(environment, timeout).all(plan, threads)


def _left_alone(row: RefreshPlan) -> RefreshPlan:
    if row["outcome"]:
        return row
    return {
        **row,
        "outcome": "left alone",
        "cause": f"it is {row['owner']}'s",
        "remedy": f"With that role's rights: invoke refresh {row['subject']} --all-owners",
    }


def _missed(row: Refreshed) -> bool:
    """Whether something that was asked for is as old as it was."""
    return row["outcome"] in STOPPING or (row["outcome"] == "left alone" and row["asked"])


def refresh_one(
    connection: Connection, name: str, owner: str | None, patience: float = PATIENCE
) -> None:
    """Refresh one stream table on a connection, in its transaction if any, for its owner.

    Args:
        connection: to the database.
        name: its name as the extension takes it.
        owner: the role that owns it.
        patience: seconds to try again while another session refreshes it.

    Raises:
        psycopg.Error: it can't be refreshed, or another session goes on refreshing it.
    """
    started = time.monotonic()
    while True:
        notices: list[str] = []
        handler = _listen(connection, notices)
        try:
            Owner(connection, owner).call("refresh_stream_table", name)
            # that it gave way to another session is no error, only a notice
            skipped = any("refresh skipped" in notice for notice in notices)
            if not skipped and not _needs_reinit(connection, name):
                return
        except psycopg.errors.DeadlockDetected:
            # refreshes side by side lock shared sources in no fixed order; this one was undone
            pass
        finally:
            connection.remove_notice_handler(handler)
        if time.monotonic() - started > patience:
            raise Busy("another session refreshes it")
        time.sleep(RETRY_INTERVAL)


def _needs_reinit(connection: Connection, name: str) -> bool:
    # a refresh that found columns moved applies nothing and says so only here (observed on 0.67.0)
    row = connection.execute(
        "select needs_reinit from pgtrickle.pgt_stream_tables"
        " where pgt_schema || '.' || pgt_name = %s",
        (name,),
    ).fetchone()
    return bool(row and row["needs_reinit"])


class Busy(psycopg.OperationalError):
    """Another session went on refreshing a stream table for too long."""


class _Run:
    """One run over a plan; each thread keeps a connection of its own."""

    def __init__(self, environment: dict[str, str], timeout: float | None) -> None:
        self.environment = environment
        self.timeout = timeout
        self.local = threading.local()
        self.connections: list[Connection] = []

    def all(self, plan: list[RefreshPlan], threads: int) -> list[Refreshed]:
        rows = {row["subject"]: row for row in plan}
        upstream = {name: _upstream(row, rows) for name, row in rows.items()}
        outcomes: dict[str, Refreshed] = {}
        running: dict[Future[Refreshed], str] = {}
        order = TopologicalSorter(upstream)
        order.prepare()
        with ThreadPoolExecutor(threads) as pool, progress_bar() as progress:
            bar = progress.add_task("refresh", total=len(rows))
            while order.is_active():
                for name in order.get_ready():
                    culprits = [n for n in upstream[name] if outcomes[n]["outcome"] in STOPPING]
                    if rows[name]["outcome"]:
                        running[_done({**rows[name], "seconds": None})] = name
                    elif culprits:
                        cause = f"it reads {', '.join(culprits)}, which could not be refreshed"
                        running[_done(_outcome(rows[name], "blocked", None, cause))] = name
                    else:
                        running[pool.submit(self.one, rows[name])] = name
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    name = running.pop(future)
                    outcomes[name] = future.result()
                    order.done(name)
                    progress.advance(bar)
        for connection in self.connections:
            connection.close()
        return [outcomes[name] for name in rows]

    def one(self, row: RefreshPlan) -> Refreshed:
        started = time.monotonic()
        patience = self.timeout or PATIENCE
        try:
            refresh_one(self._connection(), row["call_name"], row["owner"], patience)
        except Busy as busy:
            again = f"Try again: invoke refresh {row['subject']}"
            return _outcome(row, "skipped", started, str(busy), again)
        except psycopg.errors.QueryCanceled:
            return _outcome(row, "failed", started, f"took longer than {self.timeout:g} s")
        except psycopg.errors.ObjectInUse as error:
            again = f"Once that has committed or rolled back: invoke refresh {row['subject']}"
            return _outcome(row, "failed", started, first_line(error), again)
        except psycopg.Error as error:
            again = f"Correct the data or the model, then: invoke refresh {row['subject']}"
            return _outcome(row, "failed", started, first_line(error), again)
        return _outcome(row, "refreshed", started, "" if row["is_ours"] else f"as {row['owner']}")

    def _connection(self) -> Connection:
        if not hasattr(self.local, "connection"):
            self.local.connection = connect(self.environment)
            self.connections.append(self.local.connection)
            as_scheduler(self.local.connection)
            self.local.connection.execute(
                "select set_config('statement_timeout', %s, false)",
                (str(round((self.timeout or 0) * 1000)),),
            )
        connection: Connection = self.local.connection
        return connection


def _listen(connection: Connection, notices: list[str]) -> Callable[[Diagnostic], None]:
    def handler(diagnostic: Diagnostic) -> None:
        notices.append(diagnostic.message_primary or "")

    connection.add_notice_handler(handler)
    return handler


def _upstream(row: RefreshPlan, rows: dict[str, RefreshPlan]) -> list[str]:
    # of the same level or deeper only in a circle, where no order is right
    return [name for name in row["upstream"] if name in rows and rows[name]["level"] < row["level"]]


def _done(row: Refreshed) -> Future[Refreshed]:
    future: Future[Refreshed] = Future()
    future.set_result(row)
    return future


def _outcome(
    row: RefreshPlan, outcome: str, started: float | None, cause: str, remedy: str = ""
) -> Refreshed:
    seconds = None if started is None else time.monotonic() - started
    return {**row, "outcome": outcome, "cause": cause, "remedy": remedy, "seconds": seconds}
