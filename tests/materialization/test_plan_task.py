"""`invoke plan`: dbt's selectors, a table or JSON, exit statuses for CI, nothing changed."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tasklib.tasks.plan.answer import Plan
from tests.materialization.shop import FILES, ORDERS, TOTALS_QUERY, stream_table, stream_table_model
from tests.support.dbt_project import DbtProject
from tests.support.postgres import ROOT, Database
from tests.support.shapes import fits
from tests.support.warm import programs

WIDER = TOTALS_QUERY.replace("max(amount)", "min(amount) as s, max(amount)")
EPHEMERAL = (
    "{{ config(materialized='ephemeral') }} select id, region from {{ source('raw', 'orders') }}"
)


@pytest.fixture
def project(database: Database, dbt_project: Callable[..., DbtProject]) -> DbtProject:
    database.execute(ORDERS)
    project = dbt_project({**FILES, "invoke.yaml": "pgtrickle: {engine: external, slug: shop}\n"})
    env = Path(project.root / ".env")
    env.write_text("".join(f"{key}={value}\n" for key, value in database.env.items()))
    env.chmod(0o600)
    return project


def plan(project: DbtProject, *args: str, status: int = 0) -> str:
    outcome = subprocess.run(
        [programs() / "invoke", "--search-root", str(ROOT), "plan", *args],
        cwd=project.root, env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "160"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert outcome.returncode == status, outcome.stdout + outcome.stderr
    assert "Traceback" not in outcome.stderr
    return outcome.stdout


def test_it_says_what_a_run_would_do_and_changes_nothing(
    project: DbtProject, database: Database
) -> None:
    assert "1 stream tables: 1 create" in plan(project)
    project.dbt("run")
    project.write({"models/totals.sql": stream_table_model(WIDER), "models/part.sql": EPHEMERAL})
    project.write(
        {
            "models/second.sql": stream_table_model(
                "select region, count(*) as n from {{ ref('part') }} group by 1"
            )
        }
    )
    before = stream_table(database)
    lines = plan(project).splitlines()
    assert "replace" in lines[1]
    assert "output columns changed: + s integer" in lines[1]
    assert "create" in lines[2]
    assert re.search(r"beside, \d+ kB +output columns", lines[1])
    assert lines[-1] == "2 stream tables: 1 replace, 1 create"
    assert stream_table(database) == before
    assert "1 stream tables: 1 create" in plan(project, "--select", "second")


def test_exit_statuses_tell_ci(project: DbtProject) -> None:
    project.dbt("run")
    plan(project, "--detailed-exitcode")
    plan(project, "--detailed-exitcode", "--full-refresh", status=2)
    project.write({"models/totals.sql": stream_table_model(WIDER)})
    plan(project, status=0)
    document = json.loads(plan(project, "--json", "--detailed-exitcode", status=2))
    assert (document["check"], document["verdict"]) == ("plan", "ok")
    assert [row["action"] for row in document["results"]] == ["replace"]
    assert fits({key: document[key] for key in Plan.__annotations__}, Plan)
    project.write({"models/totals.sql": stream_table_model(WIDER, on_replace="fail")})
    refused = plan(project, "--markdown", status=1).splitlines()
    assert refused[-1].startswith(
        r"| **refused** | `analytics.totals` | \[PGT031\] it would have to be rebuilt (output columns"
    )
    plan(project, "--markdown", "--json", status=2)


def test_a_project_that_doesnt_compile_ends_with_dbts_reason(project: DbtProject) -> None:
    project.write({"models/totals.sql": stream_table_model("select * from {{ ref('nowhere') }}")})
    plan(project, status=2)
