"""Running dbt with a project's folder and environment, from wherever the task was called."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from tasklib.base.errors import UserError
from tasklib.base.process import foreground
from tasklib.project import dbt_v2
from tasklib.project.project import Project


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


@cache
def v2() -> str:
    """The package of dbt v2, with its version; empty where this environment has dbt 1, or none.

    It is written in Rust, and Python can't call it.
    """
    for name in ("dbt", "dbt-core"):
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
        if int(version.partition(".")[0]) > 1:
            return f"{name} {version}"
    return ""


def run(project: Project, *args: str, folder: Path | None = None) -> int:
    """Run one dbt command in the terminal and give its exit status.

    Args:
        project: the project, whose connection and profile are used.
        args: dbt's command line.
        folder: another dbt project to run it in, which keeps its own target folder.

    Raises:
        UserError: dbt is not installed, or .env can't be read.
    """
    result = environment(project, *args) | {
        "DBT_PROJECT_DIR": str(folder or project.root),
        "DBT_PROFILES_DIR": str(project.root),
    }
    if folder:
        result["DBT_TARGET_PATH"] = str(folder / "target")
    result.setdefault("DBT_USE_COLORS", str(sys.stdout.isatty()))
    # dbt logs a traceback for a character that the terminal doesn't have
    result["PYTHONIOENCODING"] = f"{sys.stdout.encoding}:replace"
    return foreground([executable(), *args], result, folder or project.root)


def environment(project: Project, *args: str) -> dict[str, str]:
    """What dbt is given: the project's environment, and what v2 needs besides.

    Args:
        project: the project.
        args: dbt's command line, which may name a target.

    Raises:
        UserError: .env can't be read, or its PGTRICKLE_DSN can't.
    """
    given = project.environment()
    if not v2():
        return given
    named = [value for flag, value in pairwise(args) if flag in ("--target", "-t")]
    return dbt_v2.environment(project.root, given, *named[-1:])


def quietly(project: Project, *command: str) -> tuple[list[str], Any]:
    """Run one dbt command; give its log lines and its result, which dbt v2 has none of.

    Raises:
        UserError: (exit status 2) dbt is not installed, or the command failed.
    """
    executable()
    lines, failure, result = _as_program(project, *command) if v2() else _here(project, *command)
    if failure is not None:
        told = [line for line in lines if "error" in line.lower()] or [failure]
        raise UserError(
            f"dbt {command[0]} failed: {told[-1].strip()}", "Correct it, then try again.", 2
        )
    return lines, result


def listed(
    project: Project, *selection: str, keys: Sequence[str], kinds: Sequence[str] = ("model",)
) -> list[dict[str, Any]]:
    """What `dbt ls` lists of some resource types, by the keys that are asked for.

    Raises:
        UserError: (exit status 2) dbt is not installed, or can't read the project.
    """
    types = [word for kind in kinds for word in ("--resource-type", kind)]
    asked = (*types, "--output", "json", "--output-keys", *keys)
    lines, result = quietly(project, "ls", *selection, *asked)
    found = [line for line in lines if line.startswith("{")] if v2() else result
    return [json.loads(one) for one in found]


def answer(project: Project, operation: str, **arguments: Any) -> Any:
    """What a macro answers that logs one line: its own name, and JSON.

    Raises:
        UserError: (exit status 2) dbt is not installed, or the macro failed.
    """
    lines, _ = quietly(project, "run-operation", operation, "--args", json.dumps(arguments))
    mark = f"{operation} "
    return json.loads(next(line.removeprefix(mark) for line in lines if line.startswith(mark)))


def _here(project: Project, *command: str) -> tuple[list[str], str | None, Any]:
    """dbt in this process: an argument may be longer there than a program's."""
    os.environ.update(project.environment())
    from dbt.cli.main import dbtRunner  # noqa: PLC0415 takes seconds to import

    lines: list[str] = []

    def listen(event: Any) -> None:
        if event.info.level != "debug":
            lines.append(event.info.msg)

    outcome = dbtRunner(callbacks=[listen]).invoke(
        ["--log-level", "none", "--no-use-colors", *command, *_folders(project)]
    )
    return lines, None if outcome.success else str(outcome.exception), outcome.result


def _as_program(project: Project, *command: str) -> tuple[list[str], str | None, Any]:
    done = subprocess.run(
        [executable(), *command, "--quiet", *_folders(project)], env=environment(project, *command),
        cwd=project.root, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    lines = done.stdout.splitlines()
    return lines, None if done.returncode == 0 else f"exit status {done.returncode}", None


def _folders(project: Project) -> list[str]:
    return ["--project-dir", str(project.root), "--profiles-dir", str(project.root)]
