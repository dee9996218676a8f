"""A generated project installs in both ways that its README names. Needs the package index."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.template.helpers import copy_project, run

TASKS = (
    "up", "down", "status", "seed", "run", "build", "test", "wait", "refresh", "freshness",
    "cdc-health", "drop-all", "psql", "logs", "demo", "dbt",
)  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_project(tmp_path / "mein größerer shop")


def test_uv_sync_gives_the_tasks_and_dbt(project: Path) -> None:
    uv = shutil.which("uv")
    if not uv:
        pytest.skip("uv is not installed")
    run(uv, "sync", "--quiet", "--python", sys.executable, cwd=project, VIRTUAL_ENV="")
    tools = project / ".venv" / "bin"
    listed = run(str(tools / "invoke"), "--list", cwd=project / "models" / "marts")
    help_by_task = {
        line.split()[0]: line.split()[1:] for line in listed.splitlines() if line.startswith("  ")
    }
    assert set(TASKS) <= set(help_by_task)
    assert all(help_by_task[task] for task in TASKS), "each task has a one-line help"
    parsed = run(str(tools / "invoke"), "dbt", "--", "--warn-error", "parse", cwd=project)
    assert "WARNING" not in parsed


def test_pip_installs_the_project_in_place(project: Path) -> None:
    run(sys.executable, "-m", "venv", ".venv", cwd=project)
    python = str(project / ".venv" / "bin" / "python")
    # what it depends on is the other test's; this one is about building a project without modules
    run(python, "-m", "pip", "install", "--quiet", "--no-deps", "-e", ".", cwd=project)
    assert "my_stream_tables" in run(python, "-m", "pip", "list", "--editable", cwd=project)
    imported = run(python, "-c", "import tasklib", cwd=project.parent, check=False)
    assert "ModuleNotFoundError" in imported, "nothing of the project is importable elsewhere"


@pytest.mark.long
def test_dbt_2_is_what_a_project_with_that_answer_requires(tmp_path: Path) -> None:
    project = copy_project(tmp_path / "shop", dbt_version="2.0")
    run(sys.executable, "-m", "venv", ".venv", cwd=project)
    # newer ones fetch their binary as they are installed
    wanted = ("--dry-run", "--only-binary", "dbt", "-e", ".")
    python = str(project / ".venv" / "bin" / "python")
    told = run(python, "-m", "pip", "install", *wanted, cwd=project)
    assert " dbt-2.0.0rc" in told
    assert " adbc-driver-postgresql-" in told
    assert "dbt-core" not in told
