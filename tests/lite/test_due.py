"""When a stream table is due."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from tasklib.pg_trickle_lite.due import in_dependency_order, next_due

AT = datetime(2026, 3, 4, 10, 7, 30, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("schedule", "seconds"),
    [("60", 60), ("30s", 30), ("1h30m", 5400), ("2d", 172800), ("1w", 604800)],
)
def test_a_duration_counts_from_the_last_refresh(schedule: str, seconds: int) -> None:
    assert next_due(schedule, "hot", AT) == AT + timedelta(seconds=seconds)


@pytest.mark.parametrize(("tier", "factor"), [("hot", 1), ("warm", 2), ("cold", 10)])
def test_a_tier_stretches_durations_and_not_cron(tier: str, factor: int) -> None:
    assert next_due("1m", tier, AT) == AT + timedelta(minutes=factor)
    assert next_due("@hourly", tier, AT) == AT.replace(hour=11, minute=0, second=0)


@pytest.mark.parametrize("schedule", ["1m", None, "@hourly"])
def test_a_frozen_one_is_never_due(schedule: str | None) -> None:
    assert next_due(schedule, "frozen", AT) is None


def test_a_calculated_one_is_looked_at_every_second() -> None:
    assert next_due(None, "hot", AT) == AT + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("*/5 * * * *", AT.replace(minute=10, second=0)),
        ("0 6 * * 1", datetime(2026, 3, 9, 6, 0, tzinfo=timezone.utc)),
        ("@daily", datetime(2026, 3, 5, tzinfo=timezone.utc)),
        ("45 * * * * *", AT.replace(second=45)),
    ],
)
def test_cron_is_read_in_utc_with_seconds_in_front(expression: str, expected: datetime) -> None:
    elsewhere = AT.astimezone(timezone(timedelta(hours=5, minutes=30)))

    assert next_due(expression, "hot", elsewhere) == expected


def test_each_comes_after_what_it_reads() -> None:
    order = in_dependency_order({1: {2, 3}, 2: {4}, 3: {4}, 4: set()})

    assert order == [4, 2, 3, 1]


def test_a_cycle_is_ordered_all_the_same() -> None:
    assert in_dependency_order({1: {2}, 2: {1}, 3: {3}}) == [3, 1, 2]
