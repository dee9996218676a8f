"""A generated project, built by what calls dbt for others."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest

from tests.checks.shop import scheduler
from tests.materialization.shop import FILES, ORDERS
from tests.package.venvs import python_with_dbt
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database
from tests.template.helpers import copy_project

# "airflow" and "dag" are what Airflow looks for before it reads a file
DAG = """
from datetime import datetime
from cosmos import DbtDag, ExecutionConfig, ProfileConfig, ProjectConfig, RenderConfig
from cosmos.constants import LoadMode

airflow_dag = DbtDag(
    dag_id="shop", schedule=None, start_date=datetime(2026, 1, 1), catchup=False,
    project_config=ProjectConfig("{root}", manifest_path="{root}/target/manifest.json"),
    profile_config=ProfileConfig(
        profile_name="my_stream_tables", target_name="dev",
        profiles_yml_filepath="{root}/profiles.yml",
    ),
    execution_config=ExecutionConfig(dbt_executable_path="{dbt}"),
    render_config=RenderConfig(load_method=LoadMode.DBT_MANIFEST),
)
"""


@pytest.mark.long
@pytest.mark.timeout(900)
def test_airflow_builds_its_stream_tables_through_cosmos(
    tmp_path: Path, database: Database
) -> None:
    root = copy_project(tmp_path / "shop")
    programs = python_with_dbt("airflow").parent
    dags = tmp_path / "airflow" / "dags"
    dags.mkdir(parents=True)
    (dags / "shop.py").write_text(DAG.format(root=root, dbt=programs / "dbt"))
    own = {
        "PATH": f"{programs}:{os.environ['PATH']}", "AIRFLOW_HOME": str(dags.parent),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "DO_NOT_TRACK": "1",
        "DBT_PROJECT_DIR": str(root), "DBT_PROFILES_DIR": str(root),
    }  # fmt: skip
    environment = {**os.environ, **database.env, **own}
    with scheduler(database):
        for words in (
            "dbt parse", "airflow db migrate", "airflow dags reserialize", "airflow dags test shop",
        ):  # fmt: skip
            done = subprocess.run(
                words.split(), env=environment, cwd=root, check=True, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
    assert "state=success" in done.stdout.splitlines()[-1]
    assert database.value("select count(*) from pgtrickle.pgt_stream_tables") == 5


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


@pytest.mark.long
def test_sqlfluff_reads_its_models_through_dbts_templater(
    tmp_path: Path, database: Database
) -> None:
    root = copy_project(tmp_path / "shop")
    python = python_with_dbt("sqlfluff")
    own = {"DBT_PROFILES_DIR": str(root), "PATH": f"{python.parent}:{os.environ['PATH']}"}
    model = root / "models" / "marts" / "shop" / "customer_orders.sql"
    model.write_text(model.read_text().replace("from {{", "from  {{"))
    done = subprocess.run(
        ["sqlfluff", "lint", str(model), "--templater", "dbt", "--format", "json"], cwd=root,
        check=False, text=True, env={**os.environ, **database.env, **own}, stdout=subprocess.PIPE,
    )  # fmt: skip
    [told] = json.loads(done.stdout[done.stdout.index("[{") :])
    assert {one["name"] for one in told["violations"]} == {"layout.spacing"}


def test_dbts_programmatic_runner_takes_a_parsed_project_again_and_again(
    dbt_project: Callable[..., DbtProject], database: Database
) -> None:
    project = dbt_project(FILES)
    database.execute(ORDERS)
    runner = importlib.import_module("dbt.cli.main").dbtRunner
    folders = ["--project-dir", str(project.root), "--profiles-dir", str(project.root)]
    with mock.patch.dict(os.environ, database.env):
        manifest = runner().invoke(["parse", *folders]).result
        found = [runner(manifest=manifest).invoke(["run", *folders]).result for _ in range(2)]
    assert [done.results[0].message for done in found] == ["CREATED", "UNCHANGED"]
