"""Drop what dbt once built here for models that are no more."""

from __future__ import annotations

import json
from contextlib import closing

from tasklib.base.display import say
from tasklib.catalog.database import connect_to_catalog
from tasklib.catalog.orphans import told
from tasklib.catalog.queries import fetch
from tasklib.project.dbt import answer
from tasklib.project.project import Project
from tasklib.tasks.drop import carry_out


def prune(project: Project, *, yes: bool = False) -> None:
    """List the stream tables whose model is gone, and drop them after a question.

    Args:
        project: the project; dbt reads it anew, so that what was deleted just now counts.
        yes: don't ask.

    Raises:
        UserError: dbt can't read the project (exit status 2), one is read by what stays, or no.
    """
    orphans = answer(project, "pgtrickle_prune", as_json=True)
    if not orphans:
        say("Every stream table that dbt built here has its model.")
        return
    for orphan in orphans:
        say(told(orphan))
    subjects = json.dumps([orphan["subject"] for orphan in orphans])
    with closing(connect_to_catalog(project.environment())) as connection:
        plan = fetch(
            connection, "pgtrickle__drop_plan", managed=json.dumps(orphans), names=subjects
        )
        carry_out(connection, plan, yes=yes)
