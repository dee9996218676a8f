"""A source, a stream table on it, its dbt project: what the situations are arranged on."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasklib.project.project import Project
from tasklib.tasks import cdc_health, verify
from tasklib.tasks.freshness import task as freshness
from tests.support.parsed import parsed_project
from tests.support.postgres import ROOT, Database
from tests.support.warm import programs

SOURCE = """
    create schema shop;
    create schema analytics;
    create table shop.orders (id int primary key, customer text, amount int);
    insert into shop.orders select i, 'c' || i % 3, 1 + i % 7 from generate_series(1, 30) i;
"""
QUERY = """select customer, count(*) as orders, sum(100 / amount) as weight
from shop.orders group by customer"""
SCHEDULER = """
    select count(*) from pg_stat_activity
    where datname = current_database() and application_name ~ '^pg_trickle.*scheduler'
"""


@dataclass
class Shop:
    """`shop.orders`, `analytics.totals` on it, and the project whose model `totals` that is."""

    database: Database
    project: Project

    def create(self, query: str = QUERY, name: str = "analytics.totals", **settings: Any) -> None:
        """Create a stream table; a day's schedule keeps the scheduler out of the way."""
        arguments = {"schedule": "1d", "refresh_mode": "DIFFERENTIAL", **settings}
        named = ", ".join(f"{key} => %s" for key in arguments)
        self.database.query(
            f"select pgtrickle.create_stream_table(%s, %s, {named})",
            name, query, *arguments.values(),
        )  # fmt: skip

    def alter(self, **settings: Any) -> None:
        named = ", ".join(f"{key} => %s" for key in settings)
        self.database.query(
            f"select pgtrickle.alter_stream_table('analytics.totals', {named})", *settings.values()
        )

    def age(self, column: str, interval: str) -> None:
        """Move one of the catalog's times into the past, as if nobody had looked since."""
        self.database.query("delete from pgtrickle.pgt_refresh_history where action = 'NO_DATA'")
        self.database.query(
            f"update pgtrickle.pgt_stream_tables set {column} = now() - %s::interval "
            "where pgt_name = 'totals'",
            interval,
        )

    def field(self, column: str) -> Any:
        return self.database.value(
            f"select {column} from pgtrickle.pgt_stream_tables where pgt_name = 'totals'"
        )

    def capture_triggers(self) -> list[str]:
        return [
            row["tgname"]
            for row in self.database.query(
                "select tgname from pg_trigger "
                "where tgrelid = 'shop.orders'::regclass and not tgisinternal"
            )
        ]


def spoil(shop: Shop, change: str, table: str = "analytics.totals") -> None:
    """Change a stream table behind the extension's back."""
    shop.database.execute(
        f"alter table {table} disable trigger all; {change}; alter table {table} enable trigger all"
    )


@contextlib.contextmanager
def scheduler(database: Database) -> Iterator[None]:
    """A scheduler at work on the database: the server's own, or the stand-in's process."""
    if database.extension == "pg_trickle":
        until(lambda: database.value(SCHEDULER) > 0, "the scheduler has not come", seconds=60)
        yield
        return
    process = subprocess.Popen(
        [programs() / "worker"], stderr=subprocess.DEVNULL,
        env={**os.environ, **database.env, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    try:
        until(lambda: database.value(SCHEDULER) > 0, "the scheduler has not come")
        yield
    finally:
        process.terminate()
        process.wait(20)


def until(condition: Callable[[], object], otherwise: str, seconds: float = 30) -> None:
    """Poll until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.05)


@dataclass(frozen=True)
class Answer:
    """What a check's --json said."""

    status: int
    document: dict[str, Any]

    def row(self, subject: str) -> dict[str, Any]:
        """The worst row of a subject."""
        return next(row for row in self.document["results"] if row["subject"] == subject)


def ask_freshness(shop: Shop, capsys: Any, *names: str, **kwargs: Any) -> Answer:
    """Run the freshness task's function and read its JSON."""
    capsys.readouterr()
    status = freshness.check(shop.project, [n for n in names if n], as_json=True, **kwargs)
    return Answer(status, json.loads(capsys.readouterr().out))


def ask_cdc_health(shop: Shop, capsys: Any, **kwargs: Any) -> Answer:
    """Run the CDC health task's function and read its JSON."""
    capsys.readouterr()
    status = cdc_health.check(shop.project, as_json=True, **kwargs)
    return Answer(status, json.loads(capsys.readouterr().out))


def ask_verify(shop: Shop, capsys: Any, *args: Any, **kwargs: Any) -> Answer:
    """Run the verify task's function and read its JSON."""
    capsys.readouterr()
    status = verify.verify(shop.project, *args, as_json=True, **kwargs)
    return Answer(status, json.loads(capsys.readouterr().out))


def model(config: str = "") -> dict[str, str]:
    """The shop's model, its config with further settings."""
    return {"models/totals.sql": f"{{{{ config(materialized='stream_table'{config}) }}}}\n{QUERY}"}


def open_shop(files: Mapping[str, str], root: Path, database: Database) -> Shop:
    """A shop in a database, its project one of these files that dbt has parsed."""
    shutil.copytree(parsed_project(database, files), root, symlinks=True)
    database.execute(SOURCE)
    lines = [f"{key}={value}" for key, value in database.env.items()]
    (root / ".env").write_text("\n".join(lines) + "\n")
    project = Project(root, "shop", "analytics", "external", 5432, "latest", "postgres")
    return Shop(database, project)
