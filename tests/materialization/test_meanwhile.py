"""What another model, or another dbt process, dropped or left behind before a model's turn comes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tasklib.project.project import Project
from tasklib.tasks.freshness import task as freshness
from tests.materialization.shop import (
    FILES,
    ORDERS,
    TOTALS_QUERY,
    contents,
    refresh,
    stream_table,
    stream_table_model,
)
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database

COPY = "select region, orders, largest from {{ ref('%s') }}"


@pytest.fixture
def project(database: Database, dbt_project: Callable[..., DbtProject]) -> DbtProject:
    database.execute(ORDERS)
    return dbt_project(FILES)


@pytest.mark.parametrize("kind", ["incremental", "table", "view"])
def test_a_stream_table_and_its_reader_stop_being_ones_in_the_same_run(
    project: DbtProject, database: Database, kind: str
) -> None:
    project.write({"models/copy.sql": stream_table_model(COPY % "totals")})
    project.dbt("run")
    project.write(
        {
            "models/totals.sql": "{{ config(materialized='table') }}" + TOTALS_QUERY,
            "models/copy.sql": f"{{{{ config(materialized='{kind}') }}}}" + COPY % "totals",
        }
    )
    project.dbt("run")
    assert contents(database, "copy") == contents(database)
    assert database.query("select 1 from pgtrickle.pgt_stream_tables") == []


@pytest.mark.parametrize("kind", ["view", "stream_table"])
def test_a_source_changes_while_another_of_the_same_reader_is_gone(
    project: DbtProject, database: Database, kind: str
) -> None:
    config = f"{{{{ config(materialized='{kind}', trial='off', schedule='1h') }}}}\n"
    join = "select a.region, a.orders, b.largest from {{ ref('totals') }} a join {{ ref('other') }} b on b.region = a.region"
    project.write(
        {
            "models/totals.sql": config + TOTALS_QUERY,
            "models/other.sql": "{{ config(materialized='view') }}" + COPY % "totals",
            "models/joined.sql": stream_table_model(join, refresh_mode="FULL"),
        }
    )
    project.dbt("run")
    database.execute("drop view analytics.other")
    project.write({"models/totals.sql": config + TOTALS_QUERY.replace("max(", "1000 + max(")})
    project.dbt("run")
    assert stream_table(database, "joined")["status"] == "ACTIVE"
    refresh(database, "analytics.joined")
    assert contents(database, "joined") == contents(database)


def test_a_table_that_dbt_left_behind_is_no_source_and_the_next_run_mends_it(
    project: DbtProject,
    database: Database,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    project.write(
        {
            "models/stg.sql": "{{ config(materialized='table') }} select * from {{ source('raw', 'orders') }}",
            "models/totals.sql": stream_table_model(
                TOTALS_QUERY.replace("source('raw', 'orders')", "ref('stg')")
            ),
        }
    )
    project.dbt("run")
    # as a dbt that ended after its commit leaves it
    database.execute(
        "alter table analytics.stg rename to stg__dbt_backup;"
        "create table analytics.stg as select * from analytics.stg__dbt_backup where id < 10"
    )
    lines = [f"{key}={value}" for key, value in database.env.items()]
    (tmp_path / ".env").write_text("\n".join(lines))
    settings = Project(tmp_path, "shop", "analytics", "external", 5432, "latest", "postgres")

    def reasons() -> set[str]:
        capsys.readouterr()
        freshness.check(settings, ["analytics.totals"], as_json=True)
        return {row["reason"] for row in json.loads(capsys.readouterr().out)["results"]}

    assert "source_dropped" in reasons()
    project.dbt("run")
    assert database.value("select to_regclass('analytics.stg__dbt_backup')") is None
    assert "source_dropped" not in reasons()
    assert database.value("select sum(orders) from analytics.totals") == 30


@pytest.mark.parametrize("kind", ["table", "view", "incremental"])
def test_what_was_made_after_dbt_looked_is_replaced_like_anything_else(
    project: DbtProject, database: Database, kind: str
) -> None:
    made = "create table analytics.late as select 2 as one"
    project.write(
        {
            "models/start.sql": f"{{{{ config(materialized='table', post_hook='{made}') }}}} select 1 as one",
            "models/late.sql": f"{{{{ config(materialized='{kind}') }}}} select one from {{{{ ref('start') }}}}",
        }
    )
    project.dbt("run", "--threads", "1")
    rows = database.query("select one from analytics.late order by one")
    assert [row["one"] for row in rows] == ([1, 2] if kind == "incremental" else [1])
