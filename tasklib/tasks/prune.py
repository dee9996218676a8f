"""Drop what dbt once built here for models that are no more, and versions kept long enough."""

from __future__ import annotations

import json
from contextlib import closing

from tasklib.base.display import ask, say
from tasklib.base.errors import UserError
from tasklib.catalog.database import connect_to_primary, place
from tasklib.catalog.orphans import told
from tasklib.catalog.queries import fetch
from tasklib.catalog.rows import DropPlan
from tasklib.project.dbt import answer
from tasklib.project.project import Project
from tasklib.tasks.deploy import readers, versions
from tasklib.tasks.drop import carry_out


def prune(project: Project, *, yes: bool = False) -> None:
    """List the stream tables whose model is gone, and drop them after a question.

    So with what `invoke deploy` replaced, once its time is over.

    Args:
        project: the project; dbt reads it anew, so that what was deleted just now counts.
        yes: don't ask.

    Raises:
        UserError: dbt can't read the project (exit status 2), one is read by what stays, or no.
    """
    orphans = answer(project, "pgtrickle_prune", as_json=True)
    for orphan in orphans:
        say(told(orphan))
    subjects = json.dumps([orphan["subject"] for orphan in orphans])
    with closing(connect_to_primary(project.environment(), "prune")) as connection:
        if orphans:
            plan = fetch(connection, DropPlan, managed=json.dumps(orphans), names=subjects)
            carry_out(connection, plan, yes=yes)
        whose = versions.whose(project)
        ended = versions.ended(connection, whose)
        readers.bind(connection, readers.behind(connection, whose) if ended else ())
        for version in ended:
            named = ", ".join(version.schemas.values())
            say(f"{named} was kept for invoke rollback until {version.until:%Y-%m-%d %H:%M}.")
            if not (yes or ask(f"Drop it from {place(connection)}?")):
                raise UserError("It was not dropped.")
            versions.drop(connection, version)
    if not orphans and not ended:
        say("Every stream table that dbt built here has its model.")
