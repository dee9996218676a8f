"""How long the checks take with many stream tables: python -m tests.bench.checks [--tables 1000].

Prints figures, asserts nothing. Uses the server that PGTRICKLE_TEST_DSN names, else one of its own.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tasklib.catalog.queries import render
from tests.support.dbt_project import make_project
from tests.support.postgres import ROOT, Database, running_server

QUERIES = ("pgtrickle__freshness", "pgtrickle__status", "pgtrickle__cdc_health")
QUERY = "select id, customer from shop.orders"
TASKS = (
    ("freshness", "pgtrickle_check_freshness"),
    ("cdc-health", "pgtrickle_check_cdc_health"),
)


def main() -> None:
    """Make the tables, time the queries, the tasks and the run-operations."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=1000)
    tables = parser.parse_args().tables
    with running_server() as server, server.database() as database:
        print(f"{tables} stream tables, {database.extension}")
        _fill(database, tables)
        for name in QUERIES:
            print(f"{name:28} {_database_seconds(database, name):6.2f} s in the database")
        with tempfile.TemporaryDirectory() as folder:
            root = _project(Path(folder), database, tables)
            for task, operation in TASKS:
                ours = _seconds(root, database, "invoke", task)
                dbts = _seconds(root, database, "dbt", "run-operation", operation)
                print(
                    f"invoke {task:12} {ours:6.2f} s, run-operation {dbts:6.2f} s, "
                    f"ratio {dbts / ours:.1f}"
                )


def _fill(database: Database, tables: int) -> None:
    database.execute(
        "create schema shop; create schema analytics; create table shop.orders "
        "(id int primary key, customer text); insert into shop.orders values (1, 'a')"
    )
    with database.connect() as connection:
        for number in range(tables):
            connection.execute(
                "select pgtrickle.create_stream_table(%s, %s, '1d')",
                (f"analytics.m{number}", QUERY),
            )


def _project(root: Path, database: Database, tables: int) -> Path:
    model = f"{{{{ config(materialized='stream_table', schedule='1d') }}}} {QUERY}"
    make_project(root, database, {f"models/m{n}.sql": model for n in range(tables)}).dbt("parse")
    (root / "tasks.py").symlink_to(ROOT / "tasks.py")
    (root / "tasklib").symlink_to(ROOT / "tasklib")
    (root / "invoke.yaml").write_text(
        "pgtrickle: {slug: shop, schema: analytics, engine: external}"
    )
    (root / ".env").write_text("".join(f"{k}={v}\n" for k, v in database.env.items()))
    return root


def _database_seconds(database: Database, name: str) -> float:
    with database.connect() as connection:
        connection.execute("set jit = off")
        started = time.monotonic()
        connection.execute(render(name).encode()).fetchall()
        return time.monotonic() - started


def _seconds(root: Path, database: Database, program: str, *words: str) -> float:
    command = [str(Path(sys.executable).with_name(program)), *words]
    started = time.monotonic()
    environment = {**os.environ, **database.env}
    subprocess.run(command, cwd=root, env=environment, stdout=subprocess.DEVNULL, check=False)
    return time.monotonic() - started


if __name__ == "__main__":
    main()
