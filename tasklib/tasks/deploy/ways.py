"""Which changes are built beside what is in use, which in place, and what is in the way."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.text import Text

from tasklib.base.display import cell, console, space
from tasklib.base.errors import UserError
from tasklib.base.findings import counted
from tasklib.base.table import table
from tasklib.project.dbt import listed
from tasklib.project.project import Project
from tasklib.tasks.plan.answer import Way
from tasklib.tasks.plan.task import decide

STYLES = {"blocked": "bold red", "beside": "yellow", "in place": "green"}
# what dbt makes anew in full, so that it can as well be made elsewhere
MADE_ANEW = ("table", "incremental", "seed")


def ways(
    project: Project, selection: Sequence[str], *, full_refresh: bool, state: str
) -> list[Way]:
    """The ways of changes, what is in the way first.

    Args:
        project: the project.
        selection: dbt's own words for the changes; empty for all.
        full_refresh: every stream table is built anew.
        state: a folder with the manifest.json of what is in use, by which tables, incrementals and
            seeds count as changed; empty for none.

    Raises:
        UserError: (exit status 2) dbt can't compile the project, or there is no such manifest.
    """
    modified = _modified(project, state) if state else []
    found = decide(project, selection, full_refresh=full_refresh, modified=modified, tries=False)
    return sorted(found["ways"], key=lambda way: (list(STYLES).index(way["way"]), way["relation"]))


def show(rows: Sequence[Way]) -> None:
    """Show how each change is to be brought about."""
    out = console()
    shown = [
        (
            Text(way["way"], style=STYLES[way["way"]]),
            cell(way["relation"]),
            Text(space(way["bytes"]) if way["way"] == "beside" else ""),
            cell(way["why"]),
        )
        for way in rows
    ]
    if shown:
        out.print(table(("", "relation", "space", "why"), shown, out.width))
    told = counted((way["way"] for way in rows), STYLES)
    out.print(Text(f"deploy: {told or 'nothing changes'}", style="bold"))
    total = sum(way["bytes"] or 0 for way in rows if way["way"] == "beside")
    if total:
        out.print(Text(f"It takes about {space(total)} more, as long as both are kept."))


def _modified(project: Project, state: str) -> list[str]:
    folder = Path.cwd() / state
    if not (folder / "manifest.json").is_file():
        raise UserError(f"There is no manifest.json in {folder}.", "Name dbt's target folder.", 2)
    chosen = ("--select", "state:modified", "--state", str(folder))
    found = listed(project, *chosen, keys=["unique_id", "config"], kinds=("model", "seed"))
    return [one["unique_id"] for one in found if one["config"].get("materialized") in MADE_ANEW]
