"""Whether the stream tables of the database are where the catalog says, and kept as asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from tasklib.base.findings import ERROR, OK, WARN, Finding
from tasklib.catalog.database import connect_to_catalog
from tasklib.catalog.orphans import orphans
from tasklib.catalog.queries import fetch
from tasklib.catalog.rows import Entries
from tasklib.catalog.scope import scope
from tasklib.project.project import Project
from tasklib.tasks.status import is_recomputed, read, why

NAME = "stream tables"


def placed(project: Project) -> Iterator[Finding]:
    """Each entry of the catalog points at a table of its own, under its name; each has its model.

    Args:
        project: whose database is looked at, other projects' stream tables too.
    """
    with closing(connect_to_catalog(project.environment())) as connection:
        rows = fetch(connection, Entries)
        forgotten = [one["subject"] for one in orphans(connection, project)]
    names: dict[str, list[str]] = {row["place"]: [] for row in rows}
    for row in rows:
        names[row["place"]].append(f"{row['schema_name']}.{row['table_name']}")
    lost = sorted([*names.get("restored", ()), *names.get("gone", ())])
    if lost:
        yield Finding(
            NAME, ERROR,
            f"the entries of {_listed(lost)} point at no table of their own: this database was "
            "restored from a dump, or the tables were dropped behind pg_trickle's back",
            "This project's are built again by: invoke run; what to do about each: "
            "invoke freshness --all",
        )  # fmt: skip
    renamed = sorted(names.get("renamed", ()))
    if renamed:
        yield Finding(
            NAME, ERROR,
            f"{_listed(renamed)} renamed, or in a schema that was, which pg_trickle doesn't follow",
            "This project's are put right by: invoke run; what to do about each: "
            "invoke freshness --all",
        )  # fmt: skip
    if forgotten:
        yield Finding(
            NAME, WARN, f"no model any more, and refreshed for ever: {_listed(forgotten)}",
            "Run `invoke prune`.",
        )  # fmt: skip
    if not (lost or renamed or forgotten):
        yield Finding(NAME, OK, f"{len(rows)}, each with a table of its own")


def kept(project: Project) -> Iterator[Finding]:
    """Which of the project's stream tables are recomputed although they are to be incremental.

    Args:
        project: whose stream tables are looked at.
    """
    with closing(connect_to_catalog(project.environment())) as connection:
        rows = read(scope(project), connection)
    recomputed = [f"{row['subject']} ({why(row)})" for row in rows if is_recomputed(row)]
    if recomputed:
        told = f"FULL, and not by their models: {_listed(recomputed)}"
        yield Finding("refresh modes", OK, told, "Other words, kept incrementally: invoke rewrite")
    else:
        yield Finding("refresh modes", OK, "each as its model asks")


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown
