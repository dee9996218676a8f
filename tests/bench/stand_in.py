"""What the stand-in costs: python -m tests.bench.stand_in [--changes 100 --tables 200].

A refresh after some of the 336,776 flights changed, in turn (A B A B) with REFRESH MATERIALIZED
VIEW CONCURRENTLY of the same query: one of rows and one of groups. Then the share of a core that
its scheduler and its session take while nothing changes. Prints medians and ratios, asserts
nothing. The goals: 1.0, and 2 %. Has a server of its own, whatever PGTRICKLE_TEST_DSN says.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from tests.bench import costs
from tests.bench.costs import Cost
from tests.flights import data
from tests.lite.scheduler_process import running, until, worker_of
from tests.support.postgres import Database, Server, running_server

# each with what names a row of it
QUERIES = {
    "rows": (
        "select flight_id, carrier, origin, dest, dep_delay, arr_delay, distance from nyc.flights",
        "flight_id",
    ),
    "groups": (
        "select carrier, dest, count(*) as flights, max(arr_delay) as worst, min(dep_delay) as best"
        " from nyc.flights group by carrier, dest",
        "carrier, dest",
    ),
}
CHANGE = """
update nyc.flights set dep_delay = dep_delay + 1, arr_delay = arr_delay + 1
where flight_id in (select flight_id from nyc.flights order by random() limit {})
"""
SESSION = "select pid from pg_stat_activity where application_name = 'pg_trickle_lite scheduler'"


def main() -> None:
    """Measure refreshes, then the scheduler."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--changes", type=int, default=100)
    parser.add_argument("--tables", type=int, default=200)
    parser.add_argument("--schedule", default="1m")
    parser.add_argument("--seconds", type=float, default=60, help="how long the scheduler idles")
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    with running_server("embedded") as server:
        _refreshes(server, asked.changes, asked.repeats)
        with server.database() as database, tempfile.TemporaryDirectory() as folder:
            share = _idle(database, Path(folder), asked.tables, asked.schedule, asked.seconds)
    print(f"scheduler, {asked.tables} idle, schedule {asked.schedule}: {share:.1%} of a core")


def _refreshes(server: Server, changes: int, repeats: int) -> None:
    with server.database() as database:
        database.execute(data.TABLES)
        data.copy_in(database, "flights")
        for name, (query, key) in QUERIES.items():
            database.query(
                "select pgtrickle.create_stream_table(%s, %s, '1d')", f"st_{name}", query
            )
            database.execute(
                f"create materialized view mv_{name} as {query};"
                f"create unique index on mv_{name} ({key});"
            )
        database.query("analyze")
        for name in QUERIES:
            refreshed = f"select pgtrickle.refresh_stream_table('st_{name}')"
            beside = f"refresh materialized view concurrently mv_{name}"
            sides = {
                "stream table": _after_changes(database, changes, refreshed),
                "materialized view": _after_changes(database, changes, beside),
            }
            what = f"refresh of {name} of flights, {changes} changed, {server.extension}"
            costs.show(what, costs.in_turn(sides, repeats))


def _after_changes(database: Database, changes: int, statement: str) -> Callable[[], Cost]:
    def one() -> Cost:
        database.query(CHANGE.format(changes))
        return costs.of(lambda: database.query(statement))

    return one


def _idle(database: Database, folder: Path, tables: int, schedule: str, seconds: float) -> float:
    """The share of a core that scheduler, worker and session take."""
    database.execute("create table orders (id int primary key, amount int)")
    with database.connect() as connection:
        for n in range(tables):
            connection.execute(
                "select pgtrickle.create_stream_table(%s, %s, %s)",
                (f"m{n}", f"select id, amount + {n} as amount from orders", schedule),
            )
    with running(database, folder) as scheduler:
        until(lambda: bool(database.query(SESSION)))
        ids = [scheduler.pid, worker_of(scheduler).pid, database.value(SESSION)]
        # beyond the start, and the first look at what was made a moment ago
        time.sleep(min(seconds, 5))
        before, started = _cpu(ids), time.monotonic()
        time.sleep(seconds)
        return (_cpu(ids) - before) / (time.monotonic() - started)


def _cpu(ids: list[int]) -> float:
    times = (psutil.Process(pid).cpu_times() for pid in ids)
    return sum(one.user + one.system for one in times)


if __name__ == "__main__":
    main()
