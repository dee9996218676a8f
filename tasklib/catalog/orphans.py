"""Stream tables that dbt built for models that this project has no more."""

from __future__ import annotations

import json

from tasklib.catalog.database import Connection
from tasklib.catalog.queries import fetch
from tasklib.catalog.rows import Orphans
from tasklib.project import manifest, profile
from tasklib.project.project import Project


def orphans(connection: Connection, project: Project) -> list[Orphans]:
    """The rows of pgtrickle__orphans, as dbt left the project; none where that isn't known.

    Args:
        connection: to the database.
        project: the project.

    Raises:
        UserError: (exit status 2) the manifest can't be read.
    """
    built = manifest.built(project)
    target = profile.target(project.root, project.environment())
    if built is None or isinstance(target, str):
        return []
    name, relations = built
    return fetch(
        connection,
        Orphans,
        project=name,
        target=str(target.get("schema")),
        built=json.dumps(relations),
    )


def told(orphan: Orphans) -> str:
    """One of them in words.

    Args:
        orphan: a row of pgtrickle__orphans.
    """
    readers = f"; {', '.join(orphan['readers'])} read it" if orphan["readers"] else ""
    return f"{orphan['subject']} has no model any more: {orphan['unique_id']} made it{readers}"
