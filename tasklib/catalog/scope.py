"""Which stream tables a task covers, in a database that several projects may share."""

from __future__ import annotations

from dataclasses import dataclass

from tasklib.catalog.database import Connection
from tasklib.catalog.orphans import orphans
from tasklib.catalog.queries import fetch
from tasklib.catalog.rows import LeftOut
from tasklib.project import manifest
from tasklib.project.project import Project

NO_MANIFEST = (
    "dbt has not run here yet (no manifest.json): which stream tables are this project's isn't "
    "known, so every one of the database is covered."
)


@dataclass(frozen=True)
class Scope:
    """This project's stream tables and what they read, or all of the database.

    Attributes:
        managed: dbt's models as the checks' SQL takes them; None while dbt has not written them.
        everything: also those that are no models of this project.
        project: this project.
    """

    managed: str | None
    everything: bool
    project: Project

    @property
    def arguments(self) -> dict[str, object]:
        """What each query that covers stream tables takes."""
        return {"managed": self.managed, "everything": self.everything}

    def notes(self, connection: Connection) -> list[str]:
        """What the reader should know about it: that it is a guess, or what it leaves out."""
        if self.managed is None:
            return [NO_MANIFEST]
        told = []
        number = fetch(connection, LeftOut, **self.arguments)[0]["number"]
        if number:
            told.append(
                f"Left out, being no models of this project: {number} stream table(s) of the "
                "database (--all covers them)."
            )
        forgotten = [orphan["subject"] for orphan in orphans(connection, self.project)]
        if forgotten:
            told.append(f"Without a model any more: {', '.join(forgotten)} (invoke prune).")
        return told


def scope(project: Project, *, everything: bool = False) -> Scope:
    """What a task covers by the project's manifest.

    Args:
        project: the project.
        everything: all of the database.

    Raises:
        UserError: (exit status 2) the manifest can't be read.
    """
    return Scope(manifest.as_json(manifest.stream_table_models(project)), everything, project)
