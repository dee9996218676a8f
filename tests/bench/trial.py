"""What the trial costs `dbt run`: python -m tests.bench.trial [--models 200 --repeats 2].

First runs and unchanged runs of simple stream tables, with the trial and with `trial: off` in turn
(A B A B) in one process. Prints medians and ratios, asserts nothing. The goals: a first run at
most 2.0, an unchanged one 1.0.
Uses the server that PGTRICKLE_TEST_DSN names, else one of its own.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from tests.support.dbt_project import DbtProject, make_project
from tests.support.postgres import Server, running_server

SOURCE = """
create schema shop;
create table shop.orders (id int primary key, customer int, amount int not null);
insert into shop.orders select i, i % 100, i from generate_series(1, 2000) i;
"""
# the simplest kinds of a shop's marts
QUERIES = (
    "select customer, count(*) as orders, max(amount + {n}) as most from {orders} group by 1",
    "select id, customer, amount from {orders} where amount > {n}",
)
ORDERS = "{{ source('shop', 'orders') }}"
DECLARED = "sources: [{name: shop, tables: [{name: orders}]}]"


def main() -> None:
    """Run both kinds in turn, each on a database of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=int, default=200)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=2)
    asked = parser.parse_args()
    first: dict[str, list[float]] = {"on": [], "off": []}
    unchanged: dict[str, list[float]] = {"on": [], "off": []}
    with running_server() as server:
        for _ in range(asked.repeats):
            for trial in ("on", "off"):
                one, again = _runs(server, trial, asked.models, asked.threads)
                first[trial].append(one)
                unchanged[trial].append(again)
        print(f"{asked.models} models, {asked.threads} threads, {server.extension}")
    for name, seconds in (("first run", first), ("unchanged run", unchanged)):
        on, off = (statistics.median(seconds[trial]) for trial in ("on", "off"))
        print(f"{name:14} with {on:6.2f} s, without {off:6.2f} s, ratio {on / off:.2f}")


def _runs(server: Server, trial: str, models: int, threads: int) -> tuple[float, float]:
    with server.database() as database, tempfile.TemporaryDirectory() as folder:
        database.execute(SOURCE)
        head = f"{{{{ config(materialized='stream_table', schedule='1d', trial='{trial}') }}}}\n"
        texts = {
            f"models/m{n}.sql": head + QUERIES[n % len(QUERIES)].format(n=n, orders=ORDERS)
            for n in range(models)
        } | {"models/sources.yml": DECLARED}
        project = make_project(Path(folder), database, texts)
        project.dbt("parse")
        return _seconds(project, threads), _seconds(project, threads)


def _seconds(project: DbtProject, threads: int) -> float:
    started = time.monotonic()
    project.dbt("run", "--threads", str(threads))
    return time.monotonic() - started


if __name__ == "__main__":
    main()
