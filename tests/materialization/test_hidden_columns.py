"""The columns that pg_trickle keeps for itself in a stream table: dbt doesn't see them, and what takes them is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tasklib.project.project import Project
from tasklib.tasks.advise.task import advise
from tests.materialization.shop import FILES, ORDERS, contents, refresh, stream_table_model
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database

SNAPSHOT = """
{%% snapshot history %%}
{{ config(target_schema='analytics', unique_key='region', strategy='check', check_cols='all'%s) }}
select * from {{ ref('totals') }}
{%% endsnapshot %%}
"""
STAR = "select {{ pgtrickle_star(ref('totals')) }} from {{ ref('totals') }}"


@pytest.fixture
def project(database: Database, dbt_project: Callable[..., DbtProject]) -> DbtProject:
    database.execute(ORDERS)
    made = dbt_project(FILES)
    made.dbt("run")
    return made


def columns(database: Database, name: str) -> list[str]:
    rows = database.query(
        "select attname from pg_attribute where attrelid = to_regclass(%s) and attnum > 0 "
        "and not attisdropped order by attnum",
        f"analytics.{name}",
    )
    return [row["attname"] for row in rows]


@pytest.mark.parametrize("more", ["", ", hard_deletes='new_record'", ", hard_deletes='invalidate'"])
def test_a_snapshot_that_checks_all_columns_records_what_the_model_means_alone(
    project: DbtProject, database: Database, more: str
) -> None:
    project.write(
        {
            "snapshots/history.sql": SNAPSHOT % more,
            "models/totals.sql": stream_table_model(
                "select region, max(amount) as largest from {{ source('raw', 'orders') }} group by region"
            ),
        }
    )
    project.dbt("run")
    project.dbt("snapshot")
    assert [name for name in columns(database, "history") if name.startswith("__pgt_")] == []
    # one more row of a group: only __pgt_count changes
    database.execute("insert into raw.orders values (99, 'region 1', 1)")
    refresh(database)
    project.dbt("snapshot")
    assert database.value("select count(*) from analytics.history") == 3
    database.execute("insert into raw.orders values (100, 'region 1', 1000)")
    database.execute("delete from raw.orders where region = 'region 2'")
    refresh(database)
    project.dbt("snapshot")
    rows = database.query("select largest from analytics.history where region = 'region 1'")
    assert sorted(row["largest"] for row in rows) == [28, 1000]


def test_an_incremental_model_of_all_columns_takes_none_of_them_later(
    project: DbtProject, database: Database
) -> None:
    project.write(
        {
            "models/copy.sql": "{{ config(materialized='incremental', unique_key='region', "
            f"on_schema_change='append_new_columns') }}}}\n{STAR}"
        }
    )
    project.dbt("run")
    project.write(
        {
            "models/copy.sql": "{{ config(materialized='incremental', unique_key='region', "
            "on_schema_change='append_new_columns') }}\nselect * from {{ ref('totals') }}"
        }
    )
    project.dbt("run")
    assert columns(database, "copy") == ["region", "orders", "largest"]


@pytest.mark.parametrize("query", [STAR, "select * from {{ ref('totals') }}"])
@pytest.mark.parametrize("kind", ["table", "view", "incremental", "stream_table"])
def test_the_star_has_the_models_columns_alone(
    project: DbtProject, database: Database, kind: str, query: str
) -> None:
    text = f"{{{{ config(materialized='{kind}', trial='off') }}}}\n{query}"
    project.write({"models/copy.sql": text})
    result = project.dbt("run")
    held = [name for name in columns(database, "copy") if not name.startswith("__pgt_")]
    assert held == ["region", "orders", "largest"]
    assert "PGT026" not in result.log
    assert contents(database, "copy") == contents(database)


def test_the_star_takes_an_alias_and_leaves_out_what_it_is_told_to(
    project: DbtProject, database: Database
) -> None:
    star = "pgtrickle_star(ref('totals'), alias='t', except=['orders'])"
    project.write({"models/copy.sql": f"select {{{{ {star} }}}} from {{{{ ref('totals') }}}} as t"})
    project.dbt("run")
    assert columns(database, "copy") == ["region", "largest"]


def test_a_view_that_changes_to_a_star_is_replaced_without_them(
    project: DbtProject, database: Database
) -> None:
    view = "{{ config(materialized='view') }}\nselect region from {{ ref('totals') }}"
    project.write({"models/copy.sql": view})
    project.dbt("run")
    project.write({"models/copy.sql": view.replace("select region", "select *")})
    project.dbt("run")
    assert columns(database, "copy") == ["region", "orders", "largest"]
    assert project.dbt("run").messages["copy"] == "UNCHANGED"


@pytest.mark.parametrize("kind", ["table", "view"])
def test_what_takes_them_along_is_named_by_the_run_and_by_advice_and_the_remedy_ends_it(
    project: DbtProject,
    database: Database,
    kind: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    project.artifacts = True
    config = f"{{{{ config(materialized='{kind}') }}}}\n"
    # dbt doesn't know that it reads one
    project.write({"models/copy.sql": config + "select * from analytics.totals"})
    log = project.dbt("run").log
    assert "[PGT026] copy: it takes along" in log
    assert "__pgt_row_id" in log
    assert "PGT026" not in project.dbt("run", "--select", "totals").log, "not built by that run"

    lines = [f"{key}={value}" for key, value in database.env.items()]
    (tmp_path / ".env").write_text("\n".join(lines))
    settings = Project(tmp_path, "shop", "analytics", "external", 5432, "latest", "postgres")

    def advised() -> list[dict[str, str]]:
        capsys.readouterr()
        advise(settings, as_json=True)
        rows = json.loads(capsys.readouterr().out)["results"]
        return [row for row in rows if "PGT026" in row["cause"]]

    (row,) = advised()
    assert row["subject"] == "analytics.copy"
    assert "pgtrickle_star(ref(" in row["remedy"]

    project.write({"models/copy.sql": config + STAR})
    assert "PGT026" not in project.dbt("run", "--full-refresh", "--select", "copy").log
    assert advised() == []
    assert columns(database, "copy") == ["region", "orders", "largest"]


@pytest.mark.parametrize(
    ("trial", "star"),
    [
        ("on", "with t as (select * from {{ ref('totals') }}) select *, orders + 1 as more from t"),
        ("off", "select *, orders + 1 as more from {{ ref('totals') }}"),
        (
            "on",
            "with a as (select * from {{ ref('totals') }}), b as (select * from {{ ref('totals') }})"
            " select a.*, b.orders + 1 as more from a join b using (region)",
        ),
    ],
)
def test_a_stream_table_of_all_columns_of_another_has_those_that_dbt_sees(
    project: DbtProject, database: Database, trial: str, star: str
) -> None:
    config = f"{{{{ config(materialized='stream_table', trial='{trial}') }}}}\n"
    project.write({"models/copy.sql": config + star})
    assert project.dbt("run").messages["copy"] == "CREATED"
    seen = [name for name in columns(database, "copy") if not name.startswith("__pgt_")]
    assert seen == ["region", "orders", "largest", "more"]
    database.execute("delete from raw.orders where region = 'region 1'")
    refresh(database)
    refresh(database, "analytics.copy")
    assert contents(database, "copy") == contents(database)
    assert project.dbt("run").messages["copy"] == "UNCHANGED"
    assert "UNCHANGED analytics.copy" in project.dbt("run-operation", "pgtrickle_plan").log


def test_one_that_an_ephemeral_model_reads_as_well_has_its_columns_once(
    project: DbtProject, database: Database
) -> None:
    project.write(
        {
            "models/few.sql": "{{ config(materialized='ephemeral') }} "
            "select region from {{ ref('totals') }} where orders < 10",
            "models/copy.sql": "{{ config(materialized='stream_table', trial='off') }} "
            "with t as (select * from {{ ref('totals') }}) "
            "select t.region, t.orders from t join {{ ref('few') }} using (region)",
        }
    )
    assert project.dbt("run").messages["copy"] == "CREATED"


def test_a_stream_table_that_names_one_of_them_is_refused_with_the_way_out(
    project: DbtProject, database: Database
) -> None:
    query = "select region, __pgt_row_id from {{ ref('totals') }}"
    config = "{{ config(materialized='stream_table', trial='off') }}\n"
    project.write({"models/copy.sql": config + query})
    result = project.dbt("run", check=False)
    assert "[PGT026] copy: it takes along" in result.log
    assert "pgtrickle_star(ref(" in result.log
    assert columns(database, "copy") == []
