"""What the checks cost with much: python -m tests.bench.checks [--tables 1000] [--rows 2000000].

Each task once, in a process of its own: its seconds and its memory, and how long a writer of a
source had to wait meanwhile at most. With many stream tables first; then verify and soak with one
over many rows, beside that writer. Prints figures, asserts nothing. The goals: the checks of 1,000
within 2 s and 200 MiB, nobody waiting longer than 100 ms, a report below 2 MB.
Uses the server that PGTRICKLE_TEST_DSN names, else one of its own.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tasklib.catalog.queries import render
from tests.bench import projects
from tests.support.postgres import Database, running_server

# as many stream tables read one source
READERS = 25
QUERIES = ("pgtrickle__freshness", "pgtrickle__status", "pgtrickle__cdc_health")
QUERY = "select customer, count(*) as orders, sum(amount) as amount from {} group by customer"
TASKS = (
    "freshness", "status --json", "cdc-health", "history", "report", "metrics", "doctor",
    "plan", "refresh m0 m1 m2 m3 m4 m5 m6 m7 m8 m9", "refresh",
)  # fmt: skip
OF_ROWS = ("verify m0", "verify m0", "verify m0 --sample 10", "soak m0", "refresh m0")
HISTORY = """
insert into pgtrickle.pgt_refresh_history (
  pgt_id, data_timestamp, start_time, end_time, action, rows_inserted, rows_deleted, status,
  initiated_by)
select
  pgt_id, at, at, at + interval '12 ms', 'DIFFERENTIAL', 3, 1, 'COMPLETED', 'SCHEDULER'
from pgtrickle.pgt_stream_tables, generate_series(1, 23) as step
cross join lateral (select now() - make_interval(hours => step) as at) as moment
"""


def main() -> None:
    """Make the tables, time the queries and the tasks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=1000)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--tasks", nargs="*", default=TASKS)
    asked = parser.parse_args()
    with running_server() as server, server.database() as database:
        started = time.monotonic()
        _fill(database, asked.tables)
        taken = time.monotonic() - started
        print(f"{asked.tables} stream tables, {database.extension}, made in {taken:.0f} s")
        for name in QUERIES:
            print(f"{name:28} {_database_seconds(database, name):6.2f} s in the database")
        with tempfile.TemporaryDirectory() as folder:
            root = _project(Path(folder), database, asked.tables)
            for task in asked.tasks:
                _show(task, root, database)
            page = root / "report.html"
            if page.exists():
                print(f"the report has {page.stat().st_size / 10**6:.2f} MB")
    with running_server() as server, server.database() as database:
        _fill_with_rows(database, asked.rows)
        print(f"one stream table over {asked.rows} rows, {database.extension}")
        with tempfile.TemporaryDirectory() as folder:
            root = _project(Path(folder), database, 1)
            for task in OF_ROWS:
                _show(task, root, database)


def _fill(database: Database, tables: int) -> None:
    sources = range(-(-tables // READERS))
    database.execute("create schema shop; create schema analytics;")
    with database.connect() as connection:
        for number in sources:
            connection.execute(
                f"create table shop.orders{number} (id int primary key, customer text, amount int);"
                f"insert into shop.orders{number} select i, 'c' || i % 3, i"
                " from generate_series(1, 10) i".encode()
            )
        for number in range(tables):
            connection.execute(
                "select pgtrickle.create_stream_table(%s, %s, '1d')",
                (f"analytics.m{number}", QUERY.format(f"shop.orders{number // READERS}")),
            )
        connection.execute(HISTORY.encode())
        connection.execute("analyze")


def _fill_with_rows(database: Database, rows: int) -> None:
    database.execute(
        "create schema shop; create schema analytics;"
        "create table shop.orders0 (id int primary key, customer text, amount int);"
        f"insert into shop.orders0 select i, 'c' || i % 3, i from generate_series(1, {rows}) i;"
        "analyze"
    )
    database.query(
        "select pgtrickle.create_stream_table('analytics.m0', %s, '1d')",
        "select id, customer, amount from shop.orders0",
    )


def _project(root: Path, database: Database, tables: int) -> Path:
    models = {f"m{n}": QUERY.format(f"shop.orders{n // READERS}") for n in range(tables)}
    return projects.make_with_tasks(root, database, models)


def _database_seconds(database: Database, name: str) -> float:
    with database.connect() as connection:
        connection.execute("set jit = off")
        started = time.monotonic()
        connection.execute(render(name).encode()).fetchall()
        return time.monotonic() - started


def _show(task: str, root: Path, database: Database) -> None:
    with _writer(database) as waits:
        done = projects.invoke(root, database, task, check=False)
    told = done.output.splitlines() or [""]
    cost = done.cost
    print(
        f"invoke {task[:16]:16} {cost.wall:6.2f} s ({cost.cpu:.1f} s of it CPU here), "
        f"{cost.memory:.0f} MiB, a writer waited {max(waits) * 1000:4.0f} ms at most; "
        f"{len(told)} lines, exit {done.status}: {told[-1][:60]}"
    )


@contextmanager
def _writer(database: Database) -> Iterator[list[float]]:
    """Somebody who writes a source all the time; how long each of the writes took."""
    waits = [0.0]
    stop = threading.Event()

    def write() -> None:
        with database.connect() as connection:
            while not stop.is_set():
                started = time.monotonic()
                connection.execute("update shop.orders0 set amount = amount + 1 where id = 1")
                waits.append(time.monotonic() - started)
                stop.wait(0.01)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield waits
    finally:
        stop.set()
        thread.join()


if __name__ == "__main__":
    main()
