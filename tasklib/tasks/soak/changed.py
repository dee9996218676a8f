"""The stream tables that a change of the project is about, by dbt's own comparison."""

from __future__ import annotations

from pathlib import Path

from tasklib.base.errors import UserError
from tasklib.project import manifest
from tasklib.project.dbt import listed
from tasklib.project.project import Project
from tasklib.tasks import base

# also those whose model is the same and reads one that isn't
SELECTION = "state:modified+,config.materialized:stream_table"


def stream_tables(project: Project, state: str = "") -> list[str] | None:
    """Their names, with schema; None where nothing tells what the project was before.

    Args:
        project: the project.
        state: a folder with the manifest.json to compare with; by default the one that dbt's
            DBT_STATE names, else what `invoke base` left.

    Raises:
        UserError: (exit status 2) there is no manifest where one is said to be, or dbt can't
            read the project.
    """
    named = state or project.environment().get("DBT_STATE", "")
    folder = Path.cwd() / named if named else base.state(project)
    if not (folder / "manifest.json").is_file():
        if not named:
            return None
        raise UserError(
            f"There is no manifest.json in {folder} to compare with.",
            "Name the folder that dbt wrote one to (its target/), or make it: invoke base COMMIT",
            2,
        )
    selection = ("--select", SELECTION, "--state", str(folder))
    chosen = {one["unique_id"] for one in listed(project, *selection, keys=["unique_id"])}
    models = manifest.stream_table_models(project) or []
    return [f"{one.schema_name}.{one.table_name}" for one in models if one.unique_id in chosen]
