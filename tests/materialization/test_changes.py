"""A setting that changed, or that the model no longer says: altered in place, or the stream table is replaced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.materialization.shop import (
    FILES,
    ORDERS,
    TOTALS_QUERY,
    follows_its_source,
    refresh,
    stream_table,
    stream_table_model,
)
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database


@pytest.fixture
def project(database: Database, dbt_project: Callable[..., DbtProject]) -> DbtProject:
    database.execute(ORDERS)
    return dbt_project(FILES)


def run(project: DbtProject, query: str = TOTALS_QUERY, **config: Any) -> str:
    """Run the model with these settings; gives dbt's message."""
    project.write({"models/totals.sql": stream_table_model(query, **config)})
    return project.dbt("run").messages["totals"]


@pytest.mark.parametrize(
    ("key", "value", "column", "default"),
    [
        ("schedule", "5m", "schedule", "1h"),
        ("cdc_mode", "trigger", "requested_cdc_mode", "auto"),
        ("diamond_consistency", "none", "diamond_consistency", "atomic"),
        ("diamond_schedule_policy", "slowest", "diamond_schedule_policy", "fastest"),
        ("tier", "warm", "refresh_tier", "hot"),
        ("fuse", "on", "fuse_mode", "off"),
        ("post_refresh_action", "analyze", "post_refresh_action", "none"),
        ("max_differential_joins", 5, "max_differential_joins", None),
        ("max_delta_fraction", 0.5, "max_delta_fraction", None),
        ("pooler_compatibility_mode", True, "pooler_compatibility_mode", False),
        ("append_only", True, "is_append_only", False),
    ],
)
def test_a_setting_is_altered_in_place_and_goes_back_when_removed(
    project: DbtProject, database: Database, key: str, value: object, column: str, default: object
) -> None:
    run(project)
    relation = stream_table(database)["pgt_relid"]
    message = run(project, **{key: value})
    assert message.startswith(f"ALTERED ({key} ")
    assert stream_table(database)[column] == value
    assert run(project, **{key: value}) == "UNCHANGED"
    assert run(project).startswith(f"ALTERED ({key} ")
    assert stream_table(database)[column] in (default, None, 0)
    assert stream_table(database)["pgt_relid"] == relation
    assert run(project) == "UNCHANGED"


def test_only_what_changed_is_sent(project: DbtProject) -> None:
    run(project, tier="warm", fuse="on", diamond_consistency="none")
    project.write(
        {
            "models/totals.sql": stream_table_model(
                TOTALS_QUERY, tier="cold", fuse="on", diamond_consistency="none"
            )
        }
    )
    project.dbt("run")
    ddl = (project.root / "target/run/shop/models/totals.sql").read_text()
    assert "alter_stream_table(name => 'analytics.totals', tier => 'cold')" in ddl


def test_equal_schedules_in_other_words_are_no_change(project: DbtProject) -> None:
    run(project, schedule="90s")
    assert run(project, schedule="1m30s") == "UNCHANGED"
    assert run(project, schedule="90") == "UNCHANGED"


def test_calculated_and_back(project: DbtProject, database: Database) -> None:
    run(project, schedule=None)
    assert stream_table(database)["schedule"] is None
    assert run(project, schedule=None) == "UNCHANGED"
    run(project, schedule="1h")
    assert stream_table(database)["schedule"] == "1h"
    run(project, schedule=None)
    assert stream_table(database)["schedule"] is None


@pytest.mark.parametrize(
    ("first", "second", "in_place"),
    [
        ("DIFFERENTIAL", "FULL", True),
        ("DIFFERENTIAL", "IMMEDIATE", True),
        ("FULL", "IMMEDIATE", False),
        ("IMMEDIATE", "DIFFERENTIAL", True),
        ("IMMEDIATE", "FULL", True),
        ("FULL", "DIFFERENTIAL", False),
        ("IMMEDIATE", "AUTO", False),
    ],
)
def test_refresh_mode_changes_in_place_where_that_works_else_by_replacing(
    project: DbtProject, database: Database, first: str, second: str, in_place: bool
) -> None:
    run(project, refresh_mode=first)
    relation = stream_table(database)["pgt_relid"]
    run(project, refresh_mode=second)
    after = stream_table(database)
    assert after["refresh_mode"] == (second if second != "AUTO" else "DIFFERENTIAL")
    assert (after["pgt_relid"] == relation) is in_place
    assert after["schedule"] == (None if second == "IMMEDIATE" else "1h")
    assert after["status"] == "ACTIVE"
    assert run(project, refresh_mode=second) == "UNCHANGED"
    assert follows_its_source(database)


@pytest.mark.parametrize("mode", ["FULL", "DIFFERENTIAL"])
def test_auto_is_never_sent_for_an_existing_one(
    project: DbtProject, database: Database, mode: str
) -> None:
    run(project, refresh_mode=mode)
    assert run(project, refresh_mode="AUTO") == "UNCHANGED"
    assert stream_table(database)["refresh_mode"] == mode
    message = run(
        project, TOTALS_QUERY.replace("group by", "where amount > 3 group by"), refresh_mode="AUTO"
    )
    assert message == "ALTERED (query changed)"
    assert stream_table(database)["refresh_mode"] == mode


def test_mode_and_query_change_together(project: DbtProject, database: Database) -> None:
    run(project)
    run(project, TOTALS_QUERY.replace("group by", "where amount > 3 group by"), refresh_mode="FULL")
    after = stream_table(database)
    assert after["refresh_mode"] == "FULL"
    assert database.value("select sum(orders) from analytics.totals") == 27


def test_status_paused_suspends_and_active_resumes(project: DbtProject, database: Database) -> None:
    run(project, status="PAUSED")
    assert stream_table(database)["status"] == "SUSPENDED"
    assert run(project, status="PAUSED") == "UNCHANGED"
    assert run(project, status="ACTIVE") == "ALTERED (status SUSPENDED → ACTIVE)"
    assert stream_table(database)["status"] == "ACTIVE"
    assert run(project, status="PAUSED") == "ALTERED (status ACTIVE → PAUSED)"
    assert stream_table(database)["status"] == "SUSPENDED"


def test_a_paused_one_is_not_warned_about(project: DbtProject) -> None:
    run(project, status="PAUSED")
    assert "PGT021" not in project.dbt("run").log


@pytest.mark.parametrize(
    ("config", "column", "value"),
    [
        ({"temporal": True}, "temporal_mode", True),
        ({"partition_by": "region"}, "st_partition_key", "region"),
    ],
)
def test_what_cant_be_altered_replaces(
    project: DbtProject, database: Database, config: dict[str, Any], column: str, value: object
) -> None:
    run(project)
    relation = stream_table(database)["pgt_relid"]
    assert run(project, **config).startswith("REPLACED (")
    assert stream_table(database)[column] == value
    assert stream_table(database)["pgt_relid"] != relation
    assert run(project, **config) == "UNCHANGED"


def test_on_configuration_change_continue_leaves_and_warns(
    project: DbtProject, database: Database
) -> None:
    run(project)
    config = {"schedule": "5m", "on_configuration_change": "continue"}
    project.write({"models/totals.sql": stream_table_model(TOTALS_QUERY, **config)})
    result = project.dbt("run")
    assert result.messages["totals"] == "UNCHANGED"
    assert "PGT030" in result.log
    assert "schedule 1h → 5m" in result.log
    assert stream_table(database)["schedule"] == "1h"


def test_on_configuration_change_fail_fails(project: DbtProject, database: Database) -> None:
    run(project)
    config = {"schedule": "5m", "on_configuration_change": "fail"}
    project.write({"models/totals.sql": stream_table_model(TOTALS_QUERY, **config)})
    result = project.dbt("run", check=False)
    assert not result.success
    assert "PGT030" in result.log
    assert stream_table(database)["schedule"] == "1h"


def test_initialize_false_waits_and_dropping_it_fills(
    project: DbtProject, database: Database
) -> None:
    assert run(project, initialize=False) == "CREATED"
    assert stream_table(database)["status"] == "INITIALIZING"
    assert run(project, initialize=False) == "UNCHANGED"
    assert run(project) == "REFRESHED (it was never populated)"
    assert stream_table(database)["status"] == "ACTIVE"
    assert database.value("select count(*) from analytics.totals") == 3


@pytest.mark.parametrize("guard", ["warn", "fail"])
def test_on_replace_guards_a_rebuild(project: DbtProject, database: Database, guard: str) -> None:
    run(project)
    before = stream_table(database)
    query = TOTALS_QUERY.replace("max(amount)", "min(amount) as s, max(amount)")
    project.write({"models/totals.sql": stream_table_model(query, on_replace=guard)})
    result = project.dbt("run", check=False)
    assert "PGT031" in result.log
    assert result.success is (guard == "warn")
    assert (stream_table(database) == before) is (guard == "fail")


def test_on_replace_can_be_set_for_the_project(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    database.execute(ORDERS)
    project = dbt_project(FILES, models={"+on_replace": "fail"})
    project.dbt("run")
    assert "PGT031" in project.dbt("run", "--full-refresh", check=False).log


PLAIN = "select id, region, amount from {{ source('raw', 'orders') }}"


def insert_and_refresh(database: Database, number: int) -> None:
    database.execute(f"insert into raw.orders values ({number}, 'region 1', 5)")
    database.query("select pgtrickle.refresh_stream_table('analytics.totals')")


@pytest.mark.parametrize("choice", ["apply", "continue", "fail"])
def test_that_the_server_takes_it_for_append_only_is_no_change(
    project: DbtProject, database: Database, choice: str
) -> None:
    run(project, PLAIN, on_configuration_change=choice)
    insert_and_refresh(database, 100)
    assert stream_table(database)["is_append_only"], "the server's own doing"
    assert run(project, PLAIN, on_configuration_change=choice) == "UNCHANGED"
    assert stream_table(database)["is_append_only"]


def test_append_only_that_the_server_takes_back_is_no_change_and_the_models_own_is(
    project: DbtProject, database: Database
) -> None:
    run(project, PLAIN)
    insert_and_refresh(database, 100)
    assert run(project, PLAIN, append_only=True).startswith("ALTERED (append_only ")
    database.execute("update raw.orders set amount = 6 where id = 100")
    refresh(database)
    assert not stream_table(database)["is_append_only"]
    assert run(project, PLAIN, append_only=True) == "UNCHANGED"
    insert_and_refresh(database, 101)
    assert run(project, PLAIN).startswith("ALTERED (append_only ")
    assert not stream_table(database)["is_append_only"]


def test_the_tier_of_its_sla_is_no_change(project: DbtProject, database: Database) -> None:
    run(project, on_configuration_change="fail")
    database.execute("update pgtrickle.pgt_stream_tables set refresh_tier = 'cold'")
    assert run(project, on_configuration_change="fail") == "UNCHANGED"
    assert run(project, tier="warm").startswith("ALTERED (tier ")
    assert stream_table(database)["refresh_tier"] == "warm"


def test_one_that_the_server_suspended_is_resumed_whatever_on_configuration_change_says(
    project: DbtProject, database: Database
) -> None:
    settings = {"status": "ACTIVE", "on_configuration_change": "fail"}
    run(project, **settings)
    database.query("select pgtrickle.alter_stream_table('analytics.totals', status => 'SUSPENDED')")
    assert run(project, **settings) == "ALTERED (status SUSPENDED → ACTIVE)"
    assert stream_table(database)["status"] == "ACTIVE"


def test_a_change_that_was_left_is_made_once_it_may_be(
    project: DbtProject, database: Database
) -> None:
    run(project)
    other = TOTALS_QUERY.replace("group by", "where amount > 3 group by")
    message = run(project, other, append_only=True, on_configuration_change="continue")
    assert message == "ALTERED (query changed)"
    assert not stream_table(database)["is_append_only"]
    assert run(project, other, append_only=True).startswith("ALTERED (append_only ")
    assert stream_table(database)["is_append_only"]
