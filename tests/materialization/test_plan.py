"""`dbt run-operation pgtrickle_plan`: what a run would do, said by the decision itself, nothing changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.materialization.shop import FILES, ORDERS, TOTALS_QUERY, stream_table, stream_table_model
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database


@pytest.fixture
def project(database: Database, dbt_project: Callable[..., DbtProject]) -> DbtProject:
    database.execute(ORDERS)
    return dbt_project(FILES)


def plan(project: DbtProject, **arguments: Any) -> dict[str, Any]:
    """The plan's row for `totals`."""
    result = project.dbt(
        "run-operation", "pgtrickle_plan", "--args", json.dumps({"as_json": True, **arguments})
    )
    line = next(line for line in result.log.splitlines() if line.startswith("pgtrickle_plan "))
    document = json.loads(line.removeprefix("pgtrickle_plan "))
    return next(row for row in document["results"] if row["relation"] == "analytics.totals")


def test_a_first_run_would_create(project: DbtProject, database: Database) -> None:
    assert plan(project)["action"] == "create"
    assert database.value("select to_regclass('analytics.totals') is null")


def test_an_unchanged_one_stays(project: DbtProject) -> None:
    project.dbt("run")
    assert plan(project)["action"] == "unchanged"


def test_a_changed_setting_is_told_from_and_to_and_not_applied(
    project: DbtProject, database: Database
) -> None:
    project.dbt("run")
    project.write({"models/totals.sql": stream_table_model(TOTALS_QUERY, schedule="5m")})
    row = plan(project)
    assert row["action"] == "alter"
    assert [(c["key"], c["from"], c["to"]) for c in row["changes"]] == [("schedule", "1h", "5m")]
    assert stream_table(database)["schedule"] == "1h"


def test_many_models_are_read_by_one_statement(project: DbtProject) -> None:
    project.write({f"models/more{n}.sql": stream_table_model(TOTALS_QUERY) for n in range(5)})
    project.dbt("run")
    result = project.dbt("run-operation", "pgtrickle_plan")
    assert "6 stream tables: 6 unchanged" in result.log
    reads = [sql for _, sql in result.queries if "asked.unique_id" in sql]
    assert len(reads) == 1


def test_changed_columns_would_replace_and_what_stands_on_it_is_named(
    project: DbtProject, database: Database
) -> None:
    project.dbt("run")
    database.execute(
        "create view analytics.mine as select region from analytics.totals; analyze analytics.totals"
    )
    before = stream_table(database)
    project.write(
        {
            "models/totals.sql": stream_table_model(
                TOTALS_QUERY.replace("max(amount)", "min(amount) as s, max(amount)")
            )
        }
    )
    row = plan(project)
    assert row["action"] == "replace"
    assert row["why"] == "output columns changed: + s integer"
    assert row["dependents"] == ["view analytics.mine (not dbt)"]
    assert row["rows"] == 3
    assert row["blocks_readers"]
    assert stream_table(database) == before


def test_on_replace_fail_shows_as_refused(project: DbtProject) -> None:
    project.dbt("run")
    query = TOTALS_QUERY.replace("max(amount)", "min(amount) as s, max(amount)")
    project.write({"models/totals.sql": stream_table_model(query, on_replace="fail")})
    assert plan(project)["action"] == "refused"
    result = project.dbt("run", check=False)
    assert "PGT031" in result.log


def test_a_query_that_postgres_refuses_is_told(project: DbtProject) -> None:
    project.dbt("run")
    project.write(
        {"models/totals.sql": stream_table_model(TOTALS_QUERY.replace("amount", "amuont"))}
    )
    row = plan(project)
    assert row["action"] == "refused"
    assert 'column "amuont" does not exist' in row["why"]


def test_full_refresh_plans_a_rebuild(project: DbtProject) -> None:
    project.dbt("run")
    assert plan(project, full_refresh=True)["action"] == "replace"


def test_without_json_it_reads_worst_first_with_a_summary(project: DbtProject) -> None:
    project.dbt("run")
    project.write({"models/second.sql": stream_table_model(TOTALS_QUERY)})
    log = project.dbt("run-operation", "pgtrickle_plan").log
    lines = [
        line for line in log.splitlines() if line.startswith(("CREATE", "UNCHANGED", "2 stream"))
    ]
    assert lines == [
        "CREATE analytics.second",
        "UNCHANGED analytics.totals",
        "2 stream tables: 1 create, 1 unchanged",
    ]


def test_a_model_on_an_ephemeral_one_is_not_guessed(project: DbtProject) -> None:
    project.write(
        {
            "models/part.sql": "{{ config(materialized='ephemeral') }} select * from {{ source('raw', 'orders') }}",
            "models/totals.sql": stream_table_model(
                "select region, count(*) as n from {{ ref('part') }} group by 1"
            ),
        }
    )
    assert plan(project)["action"] == "unknown"
