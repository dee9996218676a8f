"""Is every stream table as fresh as it should be?"""

from __future__ import annotations

from contextlib import closing

from tasklib import manifest
from tasklib.database import connect_to_catalog
from tasklib.display import Columns, duration, show_check
from tasklib.project import Project
from tasklib.queries import fetch

COLUMNS: Columns = {
    "mode": lambda row: (row["refresh_mode"] or "").lower(),
    "schedule": lambda row: row["schedule"],
    "refreshed": lambda row: (
        f"{duration(row['age_seconds'])} ago" if row["age_seconds"] is not None else ""
    ),
}
NO_MANIFEST = "dbt has not run here yet (no manifest.json): only what the database knows is judged."


def check(
    project: Project,
    model: str = "",
    *,
    warn_seconds: float | None = None,
    error_seconds: float | None = None,
    as_json: bool = False,
) -> int:
    """Judge each stream table, or the one that a model names; show the verdicts.

    Args:
        project: the project.
        model: a model's or a stream table's name, empty for all.
        warn_seconds: limit for a warning; by default the model's own, else 600.
        error_seconds: limit for an error; by default the model's own, else 1800.
        as_json: print JSON.

    Returns:
        The exit status: 1 if one of them is an error.

    Raises:
        UserError: (exit status 2) it can't be checked.
    """
    models = manifest.stream_table_models(project)
    with closing(connect_to_catalog(project.environment())) as connection:
        rows = fetch(
            connection,
            "pgtrickle__freshness",
            managed=manifest.as_json(models),
            model_name=model or None,
            warn_seconds=warn_seconds,
            error_seconds=error_seconds,
        )
    notes = [NO_MANIFEST] if models is None else []
    return show_check("freshness", rows, COLUMNS, as_json=as_json, notes=notes)
