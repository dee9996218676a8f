"""A sign of life in the database: an advisory lock whose number is the time, for whoever checks.

It takes no table, no WAL and no rights, and ends with the session that gave it.
"""

from __future__ import annotations

from typing import Any

import psycopg

# macros/queries/pgtrickle__scheduler.sql reads it
SPACE = 1886544493
SECONDS = 2
_BEAT = """
    select pg_advisory_unlock(%(space)s, last), pg_advisory_lock(%(space)s, now), now as beat
    from (
        select extract(epoch from clock_timestamp())::integer as now, %(before)s::integer as last
    ) as beats
    where last is null or abs(now - last) >= %(seconds)s
"""


class Heartbeat:
    """The latest sign of life of one session."""

    def __init__(self) -> None:
        self._beat: int | None = None

    def give(self, connection: psycopg.Connection[dict[str, Any]]) -> None:
        """Give the next one, where the last is older than SECONDS."""
        asked = {"space": SPACE, "before": self._beat, "seconds": SECONDS}
        row = connection.execute(_BEAT, asked).fetchone()
        if row:
            self._beat = row["beat"]
