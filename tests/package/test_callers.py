"""A generated project, built by what calls dbt for others."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.checks.shop import scheduler
from tests.package.venvs import python_with_dbt
from tests.support.postgres import Database
from tests.template.helpers import copy_project


@pytest.mark.long
def test_dagster_parses_it_and_builds_its_stream_tables(tmp_path: Path, database: Database) -> None:
    root = copy_project(tmp_path / "shop")
    python = python_with_dbt("dagster")
    own = {"PATH": f"{python.parent}:{os.environ['PATH']}", "DAGSTER_HOME": str(tmp_path)}
    with scheduler(database):
        done = subprocess.run(
            [str(python), str(Path(__file__).with_name("run_dagster.py")), str(root)],
            env={**os.environ, **database.env, **own}, check=True, text=True,
            stdout=subprocess.PIPE,
        )  # fmt: skip
    told = json.loads(done.stdout.splitlines()[-1])
    assert len(told["made"]) == 11
    assert told["passed"] == told["checks"] >= 30
    assert database.value("select count(*) from pgtrickle.pgt_stream_tables") == 5
