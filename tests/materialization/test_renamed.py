"""Stream tables that were renamed, moved, or whose schema was: built under the name that they have now."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.materialization.shop import (
    FILES,
    ORDERS,
    READS_TOTALS,
    TOTALS_QUERY,
    follows_its_source,
    refresh,
    stream_table,
    stream_table_model,
)
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database

Make = Callable[..., DbtProject]
NARROW = TOTALS_QUERY.replace(", max(amount) as largest", "")
CHANGED = TOTALS_QUERY.replace("max(amount)", "min(amount)")
KINDS: dict[str, dict[str, Any]] = {
    "DIFFERENTIAL": {},
    "FULL": {"refresh_mode": "FULL"},
    "IMMEDIATE": {"refresh_mode": "IMMEDIATE", "schedule": None},
}


@pytest.fixture
def project(database: Database, dbt_project: Make) -> DbtProject:
    database.execute(ORDERS)
    return dbt_project(FILES)


def use_schema(project: DbtProject, schema: str) -> None:
    """Have dbt build in another schema from now on."""
    profile = project.root / "profiles.yml"
    profile.write_text(re.sub(r"schema: \w+", f"schema: {schema}", profile.read_text()))


def names(database: Database) -> list[str]:
    """What pg_trickle's functions know its stream tables by."""
    rows = database.query(
        "select pgt_schema || '.' || pgt_name as name from pgtrickle.pgt_stream_tables order by 1"
    )
    return [row["name"] for row in rows]


def follows(database: Database, name: str) -> bool:
    """Whether a new order reaches a stream table of totals, wherever it is."""
    count = f"select sum(orders)::int from {name}"
    before = database.value(count)
    database.execute("insert into raw.orders select max(id) + 1, 'region 0', 25 from raw.orders")
    refresh(database, name)
    return bool(database.value(count) == before + 1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "query", [TOTALS_QUERY, CHANGED, NARROW], ids=["same", "changed", "columns"]
)
def test_one_in_a_renamed_schema_is_built_under_the_present_name(
    project: DbtProject, database: Database, kind: str, query: str
) -> None:
    project.write({"models/totals.sql": stream_table_model(TOTALS_QUERY, **KINDS[kind])})
    project.dbt("run")
    database.execute("alter schema analytics rename to marts")
    use_schema(project, "marts")
    project.write({"models/totals.sql": stream_table_model(query, **KINDS[kind])})
    log = project.dbt("run")
    assert log.nodes["totals"] == "success"
    assert names(database) == ["marts.totals"]
    assert follows(database, "marts.totals")
    assert project.dbt("run").messages["totals"] == "UNCHANGED"


def test_a_renamed_one_is_its_renamed_models(project: DbtProject, database: Database) -> None:
    project.dbt("run")
    database.execute("alter table analytics.totals rename to sums")
    (project.root / "models" / "totals.sql").rename(project.root / "models" / "sums.sql")
    oid = stream_table(database, "sums")["pgt_relid"]
    assert (
        "it was renamed: pg_trickle knows it as analytics.totals"
        in project.dbt("run-operation", "pgtrickle_plan").log
    )
    project.dbt("run")
    assert names(database) == ["analytics.sums"]
    assert stream_table(database, "sums")["pgt_relid"] == oid
    assert follows_its_source(database, "sums")
    project.write({"models/sums.sql": stream_table_model(NARROW)})
    assert project.dbt("run").messages["sums"].startswith("REPLACED")
    assert follows_its_source(database, "sums")


def test_one_that_was_renamed_aside_goes_on_beside_the_new_one(
    project: DbtProject, database: Database
) -> None:
    project.dbt("run")
    database.execute("alter table analytics.totals rename to totals_old")
    log = project.dbt("run").log
    assert "[PGT012]" in log
    assert "analytics.totals_old, which goes on under it" in log
    assert names(database) == ["analytics.totals", "analytics.totals_old"]
    assert follows_its_source(database, "totals")
    refresh(database, "analytics.totals_old")
    assert follows_its_source(database, "totals_old")
    assert project.dbt("run").messages["totals"] == "UNCHANGED"


def test_two_that_changed_names_are_each_what_its_model_says(
    project: DbtProject, database: Database
) -> None:
    project.write({"models/small.sql": stream_table_model(CHANGED)})
    project.dbt("run")
    database.execute(
        "alter table analytics.totals rename to aside; alter table analytics.small rename to totals;"
        "alter table analytics.aside rename to small"
    )
    project.dbt("run")
    assert names(database) == ["analytics.small", "analytics.totals"]
    assert database.value("select min(largest) from analytics.small") == 1
    assert database.value("select min(largest) from analytics.totals") == 28
    assert follows_its_source(database, "totals")
    refresh(database, "analytics.small")
    assert follows_its_source(database, "small")


def test_what_reads_it_is_built_with_it(project: DbtProject, database: Database) -> None:
    project.write({"models/more.sql": READS_TOTALS})
    project.dbt("run")
    database.execute(
        "create view analytics.shown as select region from analytics.totals; "
        "alter schema analytics rename to marts"
    )
    use_schema(project, "marts")
    project.write({"models/totals.sql": stream_table_model(NARROW)})
    project.dbt("run")
    assert names(database) == ["marts.more", "marts.totals"]
    assert database.value("select count(*) from marts.shown") == 3
    assert follows(database, "marts.totals")
    refresh(database, "marts.more")
    assert database.value("select sum(orders * regions)::int from marts.more") == 31


@pytest.mark.parametrize("way", ["run", "drop"])
def test_a_table_that_has_its_old_name_now_is_left_alone(
    project: DbtProject, database: Database, way: str
) -> None:
    project.dbt("run")
    database.execute(
        "alter table analytics.totals rename to sums; "
        "create table analytics.totals as select 'precious' as told"
    )
    if way == "run":
        (project.root / "models" / "totals.sql").rename(project.root / "models" / "sums.sql")
        project.write({"models/sums.sql": stream_table_model(NARROW)})
        project.dbt("run", "--full-refresh")
        assert names(database) == ["analytics.sums"]
    else:
        project.dbt("run-operation", "drop_all_stream_tables_force")
        assert names(database) == []
        assert database.value("select to_regclass('analytics.sums')") is None
    assert database.value("select told from analytics.totals") == "precious"


@pytest.mark.parametrize(
    "rename",
    ["alter table analytics.totals rename to sums", "alter schema analytics rename to marts"],
)
def test_dropping_leaves_no_dead_table_behind(
    project: DbtProject, database: Database, rename: str
) -> None:
    project.dbt("run")
    database.execute(rename)
    project.dbt("run-operation", "drop_all_stream_tables_force")
    assert names(database) == []
    left = "select count(*) from pg_attribute where attname = '__pgt_row_id' and attnum > 0"
    assert database.value(f"{left} and not attisdropped") == 0
    database.execute("insert into raw.orders values (1000, 'region 0', 1)")


def test_a_model_that_becomes_a_table_takes_the_renamed_one_with_it(
    project: DbtProject, database: Database
) -> None:
    project.dbt("run")
    database.execute("alter table analytics.totals rename to sums")
    (project.root / "models" / "totals.sql").unlink()
    project.write({"models/sums.sql": f"{{{{ config(materialized='table') }}}}{TOTALS_QUERY}"})
    project.dbt("run")
    assert names(database) == []
    assert database.value("select count(*) from analytics.sums") == 3
