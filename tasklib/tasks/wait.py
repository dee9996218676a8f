"""Wait until a stream table is populated."""

from __future__ import annotations

import time
from contextlib import closing

from tasklib.base.errors import UserError, refused
from tasklib.base.plain import plain
from tasklib.catalog.database import connect_to_catalog
from tasklib.catalog.queries import fetch
from tasklib.catalog.rows import Freshness
from tasklib.project import manifest
from tasklib.project.project import Project

INTERVAL = 0.25
# not yet there, as opposed to broken
PENDING = {"not_in_database", "not_found", "never_populated"}
BROKEN = {
    "unreadable", "not_a_stream_table", "storage_gone", "fuse_blown", "suspended", "source_dropped",
    "failed", "unknown_status",
}  # fmt: skip


def until_populated(project: Project, model: str, timeout: float) -> str:
    """Return once a model's stream table holds its first result.

    Args:
        project: the project.
        model: a model's or a stream table's name.
        timeout: seconds to wait at most.

    Returns:
        The stream table's name.

    Raises:
        UserError: it is broken, or not populated in time (exit status 1); can't be asked (2).
    """
    managed = manifest.as_json(manifest.stream_table_models(project))
    # before dbt has written a manifest, any name may still come
    broken = BROKEN if managed is None else BROKEN | {"not_found"}
    deadline = time.monotonic() + timeout
    with closing(connect_to_catalog(project.environment())) as connection:
        while True:
            rows = fetch(connection, Freshness, managed=managed, model_name=model)
            tables = [row for row in rows if not row["server_wide"]]
            _refuse(tables, broken)
            if not any(row["reason"] in PENDING for row in tables):
                return ", ".join(row["subject"] for row in tables)
            if time.monotonic() >= deadline:
                row = next(row for row in tables if row["reason"] in PENDING)
                raise UserError(
                    f"{plain(row['subject'])} is not populated after {timeout:g} s: "
                    f"{plain(row['cause'])}",
                    plain(row["remedy"]),
                )
            time.sleep(INTERVAL)


def _refuse(rows: list[Freshness], reasons: set[str]) -> None:
    for row in rows:
        if row["reason"] in reasons:
            raise refused(row)
