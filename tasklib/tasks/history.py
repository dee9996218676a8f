"""The latest refreshes of stream tables."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing

from tasklib.base.display import cell, console, print_json, print_notes, took
from tasklib.base.errors import refused
from tasklib.base.table import table
from tasklib.catalog.database import connect_to_catalog
from tasklib.catalog.queries import fetch
from tasklib.catalog.rows import Contents, History
from tasklib.catalog.scope import scope
from tasklib.project.project import Project

# of more nobody reads all, and a terminal takes minutes for them
MOST = 500
TITLES = ("stream table", "at", "action", "by", "inserted", "deleted", "time", "error")


def show(
    project: Project,
    models: Sequence[str] = (),
    *,
    entries: int = 20,
    everything: bool = False,
    as_json: bool = False,
) -> None:
    """Show the latest refreshes of stream tables; those without changes left out.

    Args:
        project: the project.
        models: models or stream tables; by default this project's and what they read.
        entries: how many of each.
        everything: without names, all of the database.
        as_json: print JSON.

    Raises:
        UserError: there is none of this name (exit status 1); it can't be asked (2).
    """
    covered = scope(project, everything=everything)
    with closing(connect_to_catalog(project.environment())) as connection:
        names = None
        if models:
            asked = json.dumps(list(models))
            found = fetch(connection, Contents, names=asked, **covered.arguments)
            for row in found:
                if not row["call_name"]:
                    raise refused(row)
            names = json.dumps([row["subject"] for row in found])
        most = None if as_json or models else MOST + 1
        rows = fetch(
            connection, History, names=names, entries=entries, most=most,
            **covered.arguments,
        )  # fmt: skip
        notes = [] if models else covered.notes(connection)
        if most and len(rows) == most:
            rows.remove(min(rows, key=lambda row: row["start_time"]))
            notes.append(f"The latest {MOST}; more by name, or with --json.")
    if as_json:
        print_json("history", None, rows, notes)
        return
    out = console()
    shown = [tuple(map(cell, _cells(row))) for row in rows]
    out.print(table(TITLES, shown, out.width) if rows else "No refresh has changed anything yet.")
    print_notes(notes)


def _cells(row: History) -> tuple[str, ...]:
    return (
        row["subject"],
        f"{row['start_time']:%Y-%m-%d %H:%M:%S}",
        row["action"] + (" (fallback)" if row["fell_back"] else ""),
        row["initiated_by"],
        str(row["rows_inserted"]),
        str(row["rows_deleted"]),
        "" if row["duration_ms"] is None else took(row["duration_ms"] / 1000),
        row["error_message"],
    )
