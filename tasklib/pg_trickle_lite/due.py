"""When a stream table is due for its next refresh."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

from croniter import croniter

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_TIERS = {"hot": 1, "warm": 2, "cold": 10}
# A calculated stream table is looked at as often as pg_trickle does by default.
_CALCULATED = timedelta(seconds=1)
_CRON_WITH_SECONDS = 6


def next_due(schedule: str | None, tier: str, last_refresh: datetime) -> datetime | None:
    """Tell when a stream table that was refreshed at `last_refresh` is due again.

    Args:
        schedule: a duration (`1h30m`, `60`), a cron expression (UTC), or None for calculated.
        tier: hot, warm or cold stretch durations; frozen is never due.
        last_refresh: an aware time.
    """
    if tier == "frozen":
        return None
    if schedule is None:
        return last_refresh + _CALCULATED
    if re.search(r"[\s@]", schedule):
        return _next_by_cron(schedule.strip(), last_refresh)
    return last_refresh + _TIERS[tier] * duration(schedule)


def duration(text: str) -> timedelta:
    """Read a duration such as `90`, `30s` or `1h30m`."""
    if text.isdigit():
        return timedelta(seconds=int(text))
    parts = re.findall(r"(\d+)([smhdw])", text)
    return timedelta(seconds=sum(int(number) * _UNITS[unit] for number, unit in parts))


def in_dependency_order(upstream: Mapping[int, set[int]]) -> list[int]:
    """Order stream tables so that each comes after those it reads; members of a cycle come last."""
    ordered: list[int] = []
    waiting = dict(upstream)
    while ready := [key for key, reads in waiting.items() if not reads & (waiting.keys() - {key})]:
        ordered += sorted(ready)
        for key in ready:
            del waiting[key]
    return ordered + sorted(waiting)


def _next_by_cron(expression: str, last_refresh: datetime) -> datetime:
    # croniter wants the seconds at the end, pg_trickle has them in front.
    fields = expression.split()
    if len(fields) == _CRON_WITH_SECONDS:
        expression = " ".join([*fields[1:], fields[0]])
    times = croniter(expression, last_refresh.astimezone(timezone.utc))
    moment: datetime = times.get_next(datetime)
    return moment
