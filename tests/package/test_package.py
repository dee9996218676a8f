"""The repository as a package in somebody's project, also one that was written for upstream's."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.checks.shop import scheduler
from tests.materialization.shop import (
    FILES,
    ORDERS,
    TOTALS_QUERY,
    follows_its_source,
    full_refreshes,
    stream_table,
    stream_table_model,
)
from tests.package.package_project import package_project
from tests.support.dbt_project import DbtProject
from tests.support.postgres import ROOT, Database

ONE_LINE = (
    "{% materialization view, adapter='postgres' %}"
    "{{ return(dbt_pgtrickle.materialization_view_postgres()) }}{% endmaterialization %}"
)


def installed(
    root: Path, database: Database, files: dict[str, str], **settings: object
) -> DbtProject:
    project = package_project(root, database, files, **settings)
    project.dbt("deps")
    return project


def test_a_project_written_for_upstreams_package_builds_twice(
    tmp_path: Path, database: Database
) -> None:
    project = installed(
        tmp_path,
        database,
        {
            "seeds/raw_orders.csv": "id,customer_id,amount\n1,1,10\n2,1,20\n3,2,5\n",
            "models/marts/order_totals.sql": """
{{ config(
    materialized='stream_table', schedule='1m', refresh_mode='DIFFERENTIAL',
    fuse='auto', fuse_ceiling=100000, fuse_sensitivity=3
) }}
SELECT customer_id, SUM(amount) AS total_amount, COUNT(*) AS order_count
FROM {{ ref('raw_orders') }}
GROUP BY customer_id
""",
            "models/marts/order_extremes.sql": """
{{ config(schedule='5m', refresh_mode='AUTO', partition_by='customer_id', status='ACTIVE') }}
SELECT customer_id, MAX(amount) AS max_amount FROM {{ ref('raw_orders') }} GROUP BY customer_id
""",
            "models/marts/schema.yml": """
version: 2
models:
- name: order_totals
  tests:
  - dbt_pgtrickle.stream_table_healthy: {warn_seconds: 600}
  columns: [{name: customer_id, tests: [not_null, unique]}]
- name: order_extremes
  tests: [dbt_pgtrickle.stream_table_healthy]
""",
            "macros/guard.sql": """
{% macro guard() %}
  {% set state = dbt_pgtrickle.pgtrickle_operational_status() %}
  {% if state.is_drained or state.cdc_paused %}
    {{ exceptions.raise_compiler_error('not now') }}
  {% endif %}
  {% set totals = dbt_pgtrickle.pgtrickle_stream_table_status('order_totals', warn_seconds=300) %}
  {{ log('STATUS ' ~ totals.status, info=true) }}
{% endmacro %}
""",
        },
        models={"shop": {"marts": {"+materialized": "stream_table"}}},
        **{
            "on-run-start": ["{{ guard() }}"],
            "on-run-end": ["{{ dbt_pgtrickle.pgtrickle_check_freshness() }}"],
        },
    )
    with scheduler(database):
        first, second = project.dbt("build"), project.dbt("build")
    assert "STATUS healthy" in second.log
    for result in (first, second):
        assert {result.nodes[n] for n in result.nodes if n.startswith("dbt_pgtrickle_")} == {"pass"}
    assert second.messages["order_totals"] == second.messages["order_extremes"] == "UNCHANGED"
    row = stream_table(database, "order_totals")
    assert (row["fuse_mode"], row["fuse_ceiling"], row["fuse_sensitivity"]) == ("auto", 100000, 3)
    assert stream_table(database, "order_extremes")["st_partition_key"] == "customer_id"


@pytest.mark.parametrize(
    "operation",
    ["refresh_all_stream_tables", "drop_all_stream_tables", "drop_all_stream_tables_force"],
)
def test_operations_find_a_model_in_a_schema_of_its_own(
    tmp_path: Path, database: Database, operation: str
) -> None:
    database.execute(ORDERS)
    files = {**FILES, "models/totals.sql": stream_table_model(TOTALS_QUERY, schema="marts")}
    project = installed(tmp_path, database, files)
    project.dbt("run")
    database.execute("insert into raw.orders values (31, 'region 0', 1)")
    project.dbt("run-operation", operation)
    if operation.startswith("refresh"):
        assert database.value("select sum(orders) from analytics_marts.totals") == 31
    else:
        assert database.value("select count(*) from pgtrickle.pgt_stream_tables") == 0


@pytest.mark.parametrize("place", ["config", "meta"])
def test_ref_finds_a_table_with_a_name_and_schema_of_its_own(
    tmp_path: Path, database: Database, place: str
) -> None:
    database.execute(ORDERS)
    names = {"stream_table_name": "sums", "stream_table_schema": "marts"}
    config = names if place == "config" else {"meta": names}
    files = {**FILES, "models/totals.sql": stream_table_model(TOTALS_QUERY, **config)}
    files["models/large.sql"] = "select region from {{ ref('totals') }} where orders > 1"
    project = installed(tmp_path, database, files)
    log = project.dbt("run").log
    assert "PGT009" not in log
    assert stream_table(database, "sums", "marts")["status"] == "ACTIVE"
    assert database.value("select count(*) from analytics.large") == 3
    assert project.dbt("run").messages["totals"] == "UNCHANGED"


def test_without_dispatch_a_name_of_its_own_works_as_upstreams_did_and_ref_is_warned_of(
    tmp_path: Path, database: Database
) -> None:
    database.execute(ORDERS)
    config = {"stream_table_name": "sums", "stream_table_schema": "marts"}
    files = {**FILES, "models/totals.sql": stream_table_model(TOTALS_QUERY, **config)}
    project = installed(tmp_path, database, files, dispatch=[])
    log = project.dbt("run").log
    assert "PGT009" in log
    assert "search_order: [shop, dbt_pgtrickle, dbt]" in log
    assert project.dbt("run").messages["totals"] == "UNCHANGED"
    assert stream_table(database, "sums", "marts")["status"] == "ACTIVE"
    project.dbt("run-operation", "pgtrickle_refresh", "--args", "{model_name: totals}")
    project.dbt("run-operation", "drop_all_stream_tables")
    assert database.value("select count(*) from pgtrickle.pgt_stream_tables") == 0


@pytest.mark.parametrize("opted_in", [True, False])
def test_a_staging_view_leaves_no_error_and_with_one_line_no_full_refresh(
    tmp_path: Path, database: Database, opted_in: bool
) -> None:
    database.execute(ORDERS)
    files = {
        **FILES,
        "models/stg_orders.sql": "select id, region, amount from {{ source('raw', 'orders') }}",
        "models/totals.sql": stream_table_model(
            TOTALS_QUERY.replace("source('raw', 'orders')", "ref('stg_orders')")
        ),
    }
    project = installed(
        tmp_path, database, files | ({"macros/view.sql": ONE_LINE} if opted_in else {})
    )
    project.dbt("run")
    before = full_refreshes(database)
    for _ in range(2):
        assert (
            project.dbt("run").messages["totals"].startswith("UNCHANGED" if opted_in else "REBOUND")
        )
    if opted_in:
        assert full_refreshes(database) == before
    project.dbt("run", "--select", "stg_orders")
    assert stream_table(database)["status"] == "ACTIVE"
    assert follows_its_source(database)


def test_macros_in_a_models_hook_are_part_of_its_transaction(
    tmp_path: Path, database: Database
) -> None:
    database.execute(ORDERS)
    hooks = [
        "{{ dbt_pgtrickle.pgtrickle_refresh_stream_table('totals') }}",
        "{{ dbt_pgtrickle.pgtrickle_enable_monitoring() }}",
    ]
    failing = [*hooks, "select 1 / (count(*) - 30) from raw.orders"]
    config = f"{{{{ config(materialized='table', post_hook={failing}) }}}}"
    files = {
        **FILES,
        "models/load.sql": f"{config} select 1 as n",
    }
    project = installed(tmp_path, database, files)
    project.dbt("run", "--select", "totals")
    assert not project.dbt("run", "--select", "load", check=False).success
    assert database.value("select to_regclass('analytics.load') is null")
    database.execute("insert into raw.orders values (31, 'region 0', 1)")
    project.dbt("run", "--select", "load")
    assert database.value("select sum(orders) from analytics.totals") == 31
    assert database.value("select n from analytics.load") == 1


def test_it_installs_from_a_folder_of_a_git_repository(tmp_path: Path, database: Database) -> None:
    database.execute(ORDERS)
    repository, root = tmp_path / "repository", tmp_path / "project"
    shutil.copytree(ROOT / "macros", repository / "dbt" / "macros")
    shutil.copy(ROOT / "dbt_project.yml", repository / "dbt")
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
    commands = [["init", "-q", "--initial-branch=main"], ["add", "."], ["commit", "-qm", "x"]]
    for command in commands:
        subprocess.run(["git", *identity, *command], cwd=repository, check=True)
    project = package_project(root, database, FILES)
    git = {"git": str(repository), "revision": "main", "subdirectory": "dbt"}
    project.write({"packages.yml": yaml.safe_dump({"packages": [git]})})
    project.dbt("deps")
    assert project.dbt("run").messages["totals"] == "CREATED"
