"""Running dbt with a project's folder and environment, from wherever the task was called."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tasklib.errors import UserError
from tasklib.process import foreground
from tasklib.project import Project


def executable() -> str:
    """The dbt of this environment.

    Raises:
        UserError: dbt is not installed beside this Python.
    """
    folder = Path(sys.executable).parent
    found = shutil.which("dbt", path=str(folder))
    if not found:
        raise UserError(
            f"dbt is not installed in this environment ({folder}).",
            "Run `uv sync`, or `pip install -e .` with this environment's pip.",
            2,
        )
    return found


def run(project: Project, *args: str) -> int:
    """Run one dbt command in the terminal and give its exit status.

    Raises:
        UserError: dbt is not installed, or .env can't be read.
    """
    environment = project.environment() | {
        "DBT_PROJECT_DIR": str(project.root),
        "DBT_PROFILES_DIR": str(project.root),
    }
    environment.setdefault("DBT_USE_COLORS", str(sys.stdout.isatty()))
    # dbt logs a traceback for a character that the terminal doesn't have
    environment["PYTHONIOENCODING"] = f"{sys.stdout.encoding}:replace"
    return foreground([executable(), *args], environment, project.root)
