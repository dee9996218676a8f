"""Running dbt with a project's folder and environment, from wherever the task was called."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

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


def run(project: Project, *args: str, folder: Path | None = None) -> int:
    """Run one dbt command in the terminal and give its exit status.

    Args:
        project: the project, whose connection and profile are used.
        args: dbt's command line.
        folder: another dbt project to run it in, which keeps its own target folder.

    Raises:
        UserError: dbt is not installed, or .env can't be read.
    """
    environment = project.environment() | {
        "DBT_PROJECT_DIR": str(folder or project.root),
        "DBT_PROFILES_DIR": str(project.root),
    }
    if folder:
        environment["DBT_TARGET_PATH"] = str(folder / "target")
    environment.setdefault("DBT_USE_COLORS", str(sys.stdout.isatty()))
    # dbt logs a traceback for a character that the terminal doesn't have
    environment["PYTHONIOENCODING"] = f"{sys.stdout.encoding}:replace"
    return foreground([executable(), *args], environment, folder or project.root)


def quietly(project: Project, *command: str) -> tuple[list[str], Any]:
    """Run one dbt command in this process; give its log lines and its result.

    Raises:
        UserError: (exit status 2) dbt is not installed, or the command failed.
    """
    executable()
    os.environ.update(project.environment())
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 takes seconds to import

    lines: list[str] = []

    def listen(event: Any) -> None:
        if event.info.level != "debug":
            lines.append(event.info.msg)

    folders = ["--project-dir", str(project.root), "--profiles-dir", str(project.root)]
    outcome = dbtRunner(callbacks=[listen]).invoke(
        ["--log-level", "none", "--no-use-colors", *command, *folders]
    )
    if not outcome.success:
        told = [line for line in lines if "Error" in line] or [str(outcome.exception)]
        raise UserError(
            f"dbt {command[0]} failed: {told[-1].strip()}", "Correct it, then try again.", 2
        )
    return lines, outcome.result
