"""What `invoke refresh` costs: python -m tests.bench.refresh [--rows 500000 --idle 1000].

From start to end, in turn (A B A B) with calls by hand from this process: of some FULL stream
tables over many rows, one of which has changed, two at a time; and of many idle ones one after the
other, which is the extension's own time. Prints medians and ratios, asserts nothing. The goals: at
most 1.1 times two at a time, 1.5 times the extension's own time.
Uses the server that PGTRICKLE_TEST_DSN names, else one of its own.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.bench import costs, projects
from tests.bench.costs import Cost
from tests.support.postgres import Database, running_server

SOURCE = """
create schema shop;
create schema analytics;
create table shop.orders (id int primary key, customer int, amount int not null);
insert into shop.orders select i, i % 1000, i from generate_series(1, {}) i;
analyze;
"""
QUERY = "select customer, count(*) as orders, max(amount + {}) as most from shop.orders group by 1"
CHANGE = "update shop.orders set amount = amount + 1 where id = 1"


def main() -> None:
    """Make both sets of stream tables, each in a database of its own, and refresh them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", type=int, default=16, help="how many FULL ones")
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--idle", type=int, default=1000, help="how many idle ones")
    parser.add_argument("--repeats", type=int, default=3)
    asked = parser.parse_args()
    with running_server() as server:
        for tables, rows, mode, hands, change in (
            (asked.full, asked.rows, "FULL", 2, CHANGE),
            (asked.idle, 1000, "DIFFERENTIAL", 1, "select 1"),
        ):
            with server.database() as database, tempfile.TemporaryDirectory() as folder:
                sides = _sides(database, Path(folder), tables, rows, mode, hands, change)
                what = f"refresh of {tables} in {mode} over {rows} rows, {server.extension}"
                costs.show(what, costs.in_turn(sides, asked.repeats))


def _sides(
    database: Database, folder: Path, tables: int, rows: int, mode: str, hands: int, change: str
) -> dict[str, Callable[[], Cost]]:
    database.execute(SOURCE.format(rows))
    models = {f"m{n}": QUERY.format(n) for n in range(tables)}
    with database.connect() as connection:
        for name, query in models.items():
            connection.execute(
                "select pgtrickle.create_stream_table(%s, %s, '1d', %s)",
                (f"analytics.{name}", query, mode),
            )
    root = projects.make_with_tasks(folder, database, models)

    def changed(side: Callable[[], Cost]) -> Callable[[], Cost]:
        def one() -> Cost:
            database.execute(change)
            return side()

        return one

    return {
        "invoke refresh": changed(lambda: projects.invoke(root, database, "refresh").cost),
        f"{hands} by hand": changed(lambda: costs.of(lambda: _by_hand(database, models, hands))),
        # what of it is Python's start, and imports of tasks, catalog and terminal
        "start of a task": lambda: _start(root, database),
    }


def _by_hand(database: Database, names: Iterable[str], hands: int) -> None:
    """Refresh them, each hand in a session of its own the next one that nobody has."""
    waiting = iter(list(names))

    def work() -> None:
        with database.connect() as connection:
            for name in waiting:
                connection.execute(
                    "select pgtrickle.refresh_stream_table(%s)", (f"analytics.{name}",)
                )

    with ThreadPoolExecutor(hands) as pool:
        for one in [pool.submit(work) for _ in range(hands)]:
            one.result()


def _start(root: Path, database: Database) -> Cost:
    code = "import tasks, tasklib.tasks.refresh"
    return costs.run(sys.executable, "-c", code, cwd=root, env=database.env).cost


if __name__ == "__main__":
    main()
