"""The stream tables that words on the command line mean."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tasklib.base.errors import UserError, refused
from tasklib.catalog.database import Connection
from tasklib.catalog.queries import fetch
from tasklib.catalog.rows import Named
from tasklib.catalog.scope import scope
from tasklib.project.project import Project

ABSENT = {"not_found", "not_in_database", "not_a_stream_table"}


def stream_tables(connection: Connection, project: Project, names: Sequence[str]) -> list[Named]:
    """The rows of pgtrickle__named that names mean.

    Args:
        connection: to the database.
        project: the project.
        names: models or stream tables, at least one.

    Raises:
        UserError: no name is given, or one means no stream table of the database (exit status 2).
    """
    if not names:
        raise UserError("Which stream table? None is named.", "Name one or more models.", 2)
    managed = scope(project).managed
    rows = fetch(connection, Named, managed=managed, names=json.dumps(list(names)))
    for row in rows:
        if row["reason"] in ABSENT:
            raise refused(row, 2)
    return rows
