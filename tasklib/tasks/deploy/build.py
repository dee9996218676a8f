"""dbt builds part of a project in other schemas: by its own manifest, in which only these differ.

So what is built reads the rest where production has it, whatever the project's macros make of
schemas' names, and no state, profile or variable has to be made up for it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

from tasklib.base.errors import UserError
from tasklib.project.dbt import quietly, v2
from tasklib.project.project import Project
from tasklib.tasks.plan.answer import Way

TAG = "dbt_pgtrickle_beside"


def parse(project: Project) -> Any:
    """dbt's manifest of the project as it is.

    Raises:
        UserError: (exit status 2) dbt is missing, can't read the project, or is dbt v2.
    """
    if v2():
        raise UserError(
            f"{v2()} can't build beside what is there: Python can't call it.",
            "Deploy with dbt 1, or build in place: invoke build",
            2,
        )
    return quietly(project, "parse")[1]


def build(
    project: Project,
    manifest: Any,
    ways: Sequence[Way],
    schemas: Mapping[str, str],
) -> None:
    """Have dbt build and test some nodes in other schemas.

    Args:
        project: the project.
        manifest: from `parse`; it is changed.
        ways: the nodes.
        schemas: the schema to build in, for each schema of a project's.

    Raises:
        UserError: a model or a test failed; dbt has said which.
        KeyboardInterrupt: Ctrl-C.
    """
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 takes seconds to import

    for way in ways:
        node = manifest.nodes[way["unique_id"]]
        for settings in (node.config._extra, node.config.meta):
            if settings.get("stream_table_schema"):
                settings["stream_table_schema"] = schemas[way["schema"]]
        node.schema = schemas[way["schema"]]
        node.tags = [*node.tags, TAG]
        node.relation_name = None
    manifest.build_flat_graph()
    outcome = dbtRunner(manifest=manifest).invoke(
        [
            "--use-colors" if sys.stdout.isatty() else "--no-use-colors",
            "build", "--select", f"tag:{TAG}",
            "--target-path", str(project.state_dir / "deploy"),
            "--project-dir", str(project.root), "--profiles-dir", str(project.root),
        ]
    )  # fmt: skip
    if isinstance(outcome.exception, KeyboardInterrupt):
        raise outcome.exception
    if not outcome.success:
        told = f": {outcome.exception}" if outcome.exception else "; dbt says above what"
        raise UserError(
            f"Something failed beside what is in use{told}.", "Mend it, then try again."
        )
