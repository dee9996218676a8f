"""Is every stream table as fresh as it should be?"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from tasklib.base.display import Columns, duration, show_check, worst_first
from tasklib.base.errors import UserError
from tasklib.catalog.database import Connection, connect_to_catalog
from tasklib.catalog.orphans import orphans
from tasklib.catalog.queries import fetch
from tasklib.catalog.rows import Freshness
from tasklib.catalog.scope import Scope, scope
from tasklib.project.project import Project

if TYPE_CHECKING:
    from tasklib.tasks.freshness.notify import Notifier

COLUMNS: Columns[Freshness] = {
    "mode": lambda row: (row["refresh_mode"] or "").lower(),
    "schedule": lambda row: row["schedule"],
    "refreshed": lambda row: (
        f"{duration(row['age_seconds'])} ago" if row["age_seconds"] is not None else ""
    ),
}
# the scheduler looks for what a calculated table has to take in every second
SECOND_LOOK = 3.0


def check(
    project: Project,
    models: Sequence[str] = (),
    *,
    warn_seconds: float | None = None,
    error_seconds: float | None = None,
    everything: bool = False,
    as_json: bool = False,
    notifier: Notifier | None = None,
) -> int:
    """Judge this project's stream tables, or those that models name; show the verdicts.

    Args:
        project: the project.
        models: models' or stream tables' names, none for this project's and what they read.
        warn_seconds: limit for a warning; by default the model's own, else 600.
        error_seconds: limit for an error; by default the model's own, else 1800.
        everything: without names, all of the database.
        as_json: print JSON.
        notifier: who is told of verdicts that have changed.

    Returns:
        The exit status: 1 if one of them is an error.

    Raises:
        UserError: (exit status 2) it can't be checked.
    """
    covered = scope(project, everything=everything)
    limits = {"warn_seconds": warn_seconds, "error_seconds": error_seconds}
    try:
        rows, notes = _look(covered, models, limits)
    except UserError as error:
        if notifier:
            notifier.tell_failure(error)
        raise
    status = show_check("freshness", rows, COLUMNS, as_json=as_json, notes=notes)
    if notifier:
        notifier.tell(rows, whole=not models)
    return status


def _look(
    covered: Scope, models: Sequence[str], limits: dict[str, float | None]
) -> tuple[list[Freshness], list[str]]:
    """The verdicts and the notes."""
    with closing(connect_to_catalog(covered.project.environment())) as connection:
        forgotten = orphans(connection, covered.project)
        parameters = {
            **covered.arguments,
            **limits,
            "orphans": json.dumps([one["pgt_id"] for one in forgotten]),
        }
        rows = _judge(connection, models, parameters)
        if any(_may_have_just_begun(row) for row in rows):
            time.sleep(SECOND_LOOK)
            rows = _judge(connection, models, parameters)
        return rows, [] if models else covered.notes(connection)


def _judge(
    connection: Connection, models: Sequence[str], parameters: Mapping[str, object]
) -> list[Freshness]:
    answers: dict[tuple[str, str], Freshness] = {}
    for name in models or (None,):
        for row in fetch(connection, Freshness, model_name=name, **parameters):
            answers[row["subject"], row["reason"]] = row
    return sorted(answers.values(), key=worst_first)


def _may_have_just_begun(row: Freshness) -> bool:
    """Whether it is late by what waits for it alone, of which nobody knows since when."""
    return row["reason"] in {"late", "getting_late"} and row["schedule"] is None
