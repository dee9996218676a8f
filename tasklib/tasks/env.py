"""The project's connection for other programs: what a shell has to take over."""

from __future__ import annotations

import os
import shlex

from tasklib.project import dbt
from tasklib.project.project import ROLE_VARIABLE, Project


def show(project: Project) -> None:
    """Print, as commands of a shell, what makes plain dbt, psql and editors go where the tasks go.

    Args:
        project: the project.

    Raises:
        UserError: (exit status 2) .env can't be read.
    """
    wanted = dbt.environment(project) | {
        "DBT_PROJECT_DIR": str(project.root),
        "DBT_PROFILES_DIR": str(project.root),
    }
    wanted.pop(ROLE_VARIABLE, None)
    for name in sorted(os.environ.keys() - wanted.keys()):
        print(f"unset {name}")
    for name, value in sorted(wanted.items()):
        if os.environ.get(name) != value:
            print(f"export {name}={shlex.quote(value)}")
