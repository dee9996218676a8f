"""The task: try models, show what became of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing

from tasklib import manifest
from tasklib.database import connect_to_catalog
from tasklib.display import Columns, progress_bar, show_check, worst_first
from tasklib.project import Project
from tasklib.queries import fetch
from tasklib.soak.trial import Plan, soak

COLUMNS: Columns = {
    "mode": lambda row: (row["mode"] or "").lower(),
    "outcome": lambda row: row["outcome"],
    "rounds": lambda row: row.get("round"),
}


def soak_models(
    project: Project, models: Sequence[str], plan: Plan, *, as_json: bool = False
) -> int:
    """Try whether the installed engine keeps models right, each in a scratch copy.

    Args:
        project: the project.
        models: models or stream tables; by default all of dbt's.
        plan: how hard to try.
        as_json: print JSON.

    Returns:
        The exit status: 1 if one went wrong, failed or was refused.

    Raises:
        UserError: (exit status 2) the catalog can't be read.
    """
    managed = manifest.as_json(manifest.stream_table_models(project))
    names = json.dumps(list(models)) if models else None
    rows = []
    with closing(connect_to_catalog(project.environment())) as connection:
        tables = fetch(connection, "pgtrickle__contents", managed=managed, names=names)
        with progress_bar() as progress:
            bar = progress.add_task("soak", total=len(tables))
            for table in tables:
                progress.update(bar, description=table["subject"])
                rows.append(soak(connection, table, plan))
                progress.advance(bar)
    return show_check("soak", sorted(rows, key=worst_first), COLUMNS, as_json=as_json)
