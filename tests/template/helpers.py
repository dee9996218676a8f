"""Generating projects from this working tree, and running commands in them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import warnings
from functools import cache
from pathlib import Path
from typing import Any

import pytest

try:
    import copier
    import plumbum
    from copier.errors import DirtyLocalWarning
except ModuleNotFoundError:
    if not os.environ.get("DBT_VERSION", "").startswith("1.6"):
        raise
    pytest.skip(
        "dbt 1.6 needs pydantic 1 and copier pydantic 2: they can't share an environment",
        allow_module_level=True,
    )

from tests.support.dbt_project import DbtProject
from tests.support.postgres import ROOT
from tests.support.temporary import new_folder

BIN = Path(sys.executable).parent
NOT_IN_THE_TEMPLATE = (
    ".git", ".venv*", ".pgtrickle", ".env", "__pycache__", ".*_cache", "target", "logs",
)  # fmt: skip


def copy_project(destination: Path, template: Path | None = None, **answers: Any) -> Path:
    """Generate a project without trust, from a template or else the working tree as it is."""
    if template is None:
        return Path(shutil.copytree(_generated(**answers), destination))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DirtyLocalWarning)
        copier.run_copy(
            str(template), destination, data=answers, vcs_ref="HEAD",
            defaults=True, quiet=True, unsafe=False,
        )  # fmt: skip
    return destination


@cache
def _generated(**answers: Any) -> Path:
    """What copier makes of the working tree; no test changes it."""
    # where git is there, copier asks it about each file, which takes longer than all the rest
    with plumbum.local.env(PATH=""):
        return copy_project(new_folder(), _working_tree(), **answers)


@cache
def _working_tree() -> Path:
    return working_tree(new_folder() / "template")


def run(*command: str, cwd: Path, check: bool = True, **environment: str) -> str:
    """Run one command and give its output; its failure fails the test, unless check is false."""
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **environment}, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert not check or done.returncode == 0, f"{' '.join(command)} failed:\n{done.stdout}"
    return done.stdout


def working_tree(folder: Path) -> Path:
    """A copy of the repository as it is, without git: a template that may be changed."""
    ignore = shutil.ignore_patterns(*NOT_IN_THE_TEMPLATE)
    return Path(shutil.copytree(ROOT, folder, symlinks=True, ignore=ignore))


def git_save(folder: Path, tag: str = "") -> None:
    """Commit everything in a repository, and tag it if a tag is given."""
    author = ("-c", "user.name=Test", "-c", "user.email=test@localhost")
    run("git", "add", "--all", cwd=folder)
    run("git", *author, "commit", "-q", "-m", "save", cwd=folder)
    if tag:
        run("git", "tag", tag, cwd=folder)


def differences(project: DbtProject) -> list[tuple[str, int, int]]:
    """The stream tables that differ from their own query, with rows missing and rows too many."""
    found = []
    with project.database.connect() as connection:
        for name, table, query in stream_tables(project):
            cursor = connection.execute(f"select * from ({query}) as q limit 0".encode())
            columns = ", ".join(f'"{column.name}"' for column in cursor.description or ())
            row = connection.execute(
                f"with wanted as ({query}), shown as (select {columns} from {table})"
                " select (select count(*) from"
                "   (select * from wanted except all select * from shown) as a) as missing,"
                " (select count(*) from"
                "   (select * from shown except all select * from wanted) as b) as extra".encode()
            ).fetchone()
            assert row
            if row != {"missing": 0, "extra": 0}:
                found.append((name, row["missing"], row["extra"]))
    return found


def stream_tables(project: DbtProject) -> list[tuple[str, str, str]]:
    """Name, relation and compiled query of each stream table that dbt has just run."""
    return [
        (node["name"], f"{node['schema']}.{node['alias']}", node["compiled_code"])
        for node in project.manifest()["nodes"].values()
        if node["config"].get("materialized") == "stream_table"
    ]
