"""Drop what dbt once built here for models that are no more."""

from __future__ import annotations

import json
from contextlib import closing

from tasklib.database import connect_to_catalog
from tasklib.dbt import quietly
from tasklib.display import console
from tasklib.drop import carry_out
from tasklib.orphans import told
from tasklib.project import Project
from tasklib.queries import fetch

MARK = "pgtrickle_prune "


def prune(project: Project, *, yes: bool = False) -> None:
    """List the stream tables whose model is gone, and drop them after a question.

    Args:
        project: the project; dbt reads it anew, so that what was deleted just now counts.
        yes: don't ask.

    Raises:
        UserError: dbt can't read the project (exit status 2), one is read by what stays, or no.
    """
    arguments = json.dumps({"as_json": True})
    lines, _ = quietly(project, "run-operation", "pgtrickle_prune", "--args", arguments)
    answer = next(line for line in lines if line.startswith(MARK)).removeprefix(MARK)
    orphans = json.loads(answer)
    if not orphans:
        console().print("Every stream table that dbt built here has its model.")
        return
    for orphan in orphans:
        console().print(told(orphan), markup=False)
    subjects = json.dumps([orphan["subject"] for orphan in orphans])
    with closing(connect_to_catalog(project.environment())) as connection:
        plan = fetch(connection, "pgtrickle__drop_plan", managed=answer, names=subjects)
        carry_out(connection, plan, yes=yes)
