"""On which terms versions change places, and that only one deploy does it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import psycopg

from tasklib.base.errors import UserError
from tasklib.catalog.database import Connection, place
from tasklib.tasks.deploy.versions import Whose


@dataclass(frozen=True)
class Terms:
    """What has to hold for a swap.

    Args:
        keep: PostgreSQL's interval: how long what is replaced is kept.
        lag: how many seconds the new stream tables may be behind.
        timeout: seconds to wait for that, and for whoever uses the old ones.
    """

    keep: str = "1 day"
    lag: float = 10.0
    timeout: float = 600.0


def until(connection: Connection, keep: str) -> datetime:
    """When a time is over that begins now.

    Raises:
        UserError: (exit status 2) it is no time, or one before now.
    """
    try:
        asked = "select now() as now, now() + %s::interval as until"
        row = connection.execute(asked, (keep,)).fetchall()[0]
    except psycopg.Error:
        row = {"now": 1, "until": 0}
    if row["until"] < row["now"]:
        raise UserError(f"'{keep}' is no time to keep.", "Write it as: --keep '1 day'", 2)
    found: datetime = row["until"]
    return found


@contextmanager
def alone(connection: Connection, whose: Whose) -> Iterator[None]:
    """Keep others from deploying the same meanwhile.

    Raises:
        UserError: somebody is.
    """
    key = ("dbt_pgtrickle deploy", f"{whose.project} {whose.target}")
    lock = "select pg_try_advisory_lock(hashtext(%s), hashtext(%s)) as mine"
    if not connection.execute(lock, key).fetchall()[0]["mine"]:
        raise UserError(f"Another deploy is under way on {place(connection)}.", "Wait for it.")
    try:
        yield
    finally:
        connection.execute("select pg_advisory_unlock(hashtext(%s), hashtext(%s))", key)
