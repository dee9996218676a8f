"""When a cron schedule is next due, as the database computes it."""

from __future__ import annotations

import pytest

from tasklib.catalog.queries import render
from tests.support.postgres import Database

AFTER = "2024-03-06 10:20:30+00"  # a Wednesday


def next_due(database: Database, schedule: str, after: str = AFTER) -> str | None:
    expression = render("pgtrickle__cron_next", schedule="schedule", after="after")
    row = database.query(
        f"select to_char({expression} at time zone 'UTC', 'YYYY-MM-DD HH24:MI') as due, "
        f"{expression} = 'infinity' as never "
        "from (select %s::text as schedule, %s::timestamptz as after) as given",
        schedule, after,
    )[0]  # fmt: skip
    return "never" if row["never"] else row["due"]


@pytest.mark.parametrize(
    ("schedule", "due"),
    [
        ("* * * * *", "2024-03-06 10:21"),
        ("*/15 * * * *", "2024-03-06 10:30"),
        ("20 * * * *", "2024-03-06 11:20"),
        ("5,50 * * * *", "2024-03-06 10:50"),
        ("0 9-17/4 * * *", "2024-03-06 13:00"),
        ("30 6 * * *", "2024-03-07 06:30"),
        ("0 0 * * sun", "2024-03-10 00:00"),
        ("0 0 * * 7", "2024-03-10 00:00"),
        ("0 0 1 * *", "2024-04-01 00:00"),
        ("0 0 1 jul *", "2024-07-01 00:00"),
        ("0 0 13 * fri", "2024-03-08 00:00"),
        ("0 */10 * * * *", "2024-03-06 10:30"),
        ("@hourly", "2024-03-06 11:00"),
        ("@daily", "2024-03-07 00:00"),
        ("@weekly", "2024-03-10 00:00"),
        ("@MONTHLY", "2024-04-01 00:00"),
    ],
)
def test_a_cron_schedule_is_next_due(database: Database, schedule: str, due: str) -> None:
    assert next_due(database, schedule) == due


@pytest.mark.parametrize(
    "schedule", ["banana split", "* * * *", "61 * * * * * *", "* * L * *", "@sometimes"]
)
def test_a_schedule_that_cannot_be_read_has_no_next_time(database: Database, schedule: str) -> None:
    assert next_due(database, schedule) is None


def test_a_schedule_due_later_than_tomorrow_is_not_due(database: Database) -> None:
    now = database.value("select now()::text")
    assert next_due(database, "0 0 31 2 *", now) == "never"
