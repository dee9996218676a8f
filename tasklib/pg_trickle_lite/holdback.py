"""pg_trickle's trap: an open snapshot keeps incremental refreshes behind, which look fresh."""

from __future__ import annotations

from typing import Any

import psycopg

# of every session on the server that isn't idle, as pg_trickle asks it
_OLDEST = """
    select min(number) as number from (
        select backend_xmin::text::bigint as number from pg_stat_activity
        where backend_xmin is not null and state <> 'idle' and pid <> pg_backend_pid()
        union all
        select transaction::text::bigint from pg_prepared_xacts
    ) as open
"""
_LOOK_FRESH = """
    with looked as (
        update pgtrickle.pgt_stream_tables set last_refresh_at = clock_timestamp() where pgt_id = %s
        returning pgt_id, data_timestamp
    )
    insert into pgtrickle.pgt_refresh_history (
        pgt_id, data_timestamp, start_time, end_time, action, rows_inserted, rows_deleted,
        status, initiated_by)
    select
        pgt_id, data_timestamp, now(), clock_timestamp(), 'DIFFERENTIAL', 0, 0,
        'COMPLETED', 'SCHEDULER'
    from looked
"""


class Holdback:
    """Whether a snapshot that was open at the last look still is."""

    def __init__(self) -> None:
        self._oldest: int | None = None

    def is_active(self, connection: psycopg.Connection[dict[str, Any]]) -> bool:
        """Look, once for each of the scheduler's turns."""
        row = connection.execute(_OLDEST).fetchone()
        before, self._oldest = self._oldest, row["number"] if row else None
        return before is not None and self._oldest is not None and self._oldest <= before


def concerns(row: dict[str, Any]) -> bool:
    """Whether a stream table waits for that; what is recomputed doesn't."""
    kept = row["refresh_mode"] == "DIFFERENTIAL" and row["is_populated"]
    return bool(kept and not row["needs_reinit"])


def pass_over(connection: psycopg.Connection[dict[str, Any]], pgt_id: int) -> None:
    """Leave a stream table as it is, with the time of a refresh."""
    connection.execute(_LOOK_FRESH, (pgt_id,))
