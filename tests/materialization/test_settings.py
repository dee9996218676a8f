"""Every setting of a model: from config, meta or project to the catalog, or to a coded refusal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.materialization.shop import ORDERS, SOURCES, stream_table, stream_table_model
from tests.support.dbt_project import DbtProject, DbtResult, make_project
from tests.support.postgres import Database, Server

QUERY = "select id, region, amount from {{ source('raw', 'orders') }}"
# model: (config, column of the catalog, what is stored)
GIVEN: dict[str, tuple[dict[str, Any], str, Any]] = {
    "schedule_duration": ({"schedule": "1h30m"}, "schedule", "1h30m"),
    "schedule_seconds": ({"schedule": 90}, "schedule", "90"),
    "schedule_cron": ({"schedule": "*/5 * * * *"}, "schedule", "*/5 * * * *"),
    "schedule_alias": ({"schedule": "@hourly"}, "schedule", "@hourly"),
    "schedule_null": ({"schedule": None}, "schedule", None),
    "schedule_calculated": ({"schedule": "calculated"}, "schedule", None),
    "mode_default": ({}, "refresh_mode", "DIFFERENTIAL"),
    "mode_full": ({"refresh_mode": "full"}, "refresh_mode", "FULL"),
    "mode_auto": ({"refresh_mode": "AUTO"}, "refresh_mode", "DIFFERENTIAL"),
    "mode_immediate": ({"refresh_mode": "IMMEDIATE"}, "refresh_mode", "IMMEDIATE"),
    "mode_immediate_schedule": ({"refresh_mode": "IMMEDIATE", "schedule": "5m"}, "schedule", None),
    "mode_incremental": ({"refresh_mode": "INCREMENTAL"}, "refresh_mode", "DIFFERENTIAL"),
    "initialize_no": ({"initialize": False}, "is_populated", False),
    "status_paused": ({"status": "PAUSED"}, "status", "SUSPENDED"),
    "status_suspended": ({"status": "suspended"}, "status", "SUSPENDED"),
    "status_active": ({"status": "ACTIVE"}, "status", "ACTIVE"),
    "cdc": ({"cdc_mode": "Trigger"}, "requested_cdc_mode", "trigger"),
    "diamond": ({"diamond_consistency": "none"}, "diamond_consistency", "none"),
    "diamond_policy": (
        {"diamond_schedule_policy": "slowest"},
        "diamond_schedule_policy",
        "slowest",
    ),
    "append": ({"append_only": True}, "is_append_only", True),
    "pooler": ({"pooler_compatibility_mode": "true"}, "pooler_compatibility_mode", True),
    "tier": ({"tier": "cold"}, "refresh_tier", "cold"),
    "fuse_auto": ({"fuse": "auto"}, "fuse_mode", "auto"),
    "fuse_on": ({"fuse": True}, "fuse_mode", "on"),
    "fuse_off": ({"fuse": False}, "fuse_mode", "off"),
    "ceiling": ({"fuse_ceiling": 100000}, "fuse_ceiling", 100000),
    "sensitivity": ({"fuse_sensitivity": "3"}, "fuse_sensitivity", 3),
    "joins": ({"max_differential_joins": 5}, "max_differential_joins", 5),
    "fraction": ({"max_delta_fraction": 0.25}, "max_delta_fraction", 0.25),
    "after_refresh": ({"post_refresh_action": "analyze"}, "post_refresh_action", "analyze"),
    "drift": ({"reindex_drift_threshold": 0.5}, "reindex_drift_threshold", 0.5),
    "partition": ({"partition_by": "id"}, "st_partition_key", "id"),
    "temporal": ({"temporal": True}, "temporal_mode", True),
    "backend": ({"storage_backend": "heap"}, "storage_backend", "heap"),
    "in_meta": ({"meta": {"tier": "warm"}}, "refresh_tier", "warm"),
    "meta_behind_config": ({"tier": "cold", "meta": {"tier": "warm"}}, "refresh_tier", "cold"),
}
# model: (config, code, key, what the message says is allowed)
BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "units": ({"schedule": "500ms"}, "PGT001", "30s, 5m, 1h30m"),
    "words": ({"schedule": "5 minutes"}, "PGT001", "cron expression"),
    "zero": ({"schedule": "0s"}, "PGT001", "schedule is '0s'"),
    "negative": ({"schedule": "-5m"}, "PGT001", "schedule is '-5m'"),
    "empty": ({"schedule": ""}, "PGT001", "schedule is ''"),
    "truth": ({"schedule": True}, "PGT001", "schedule is True"),
    "minute": ({"schedule": "61 * * * *"}, "PGT001", "schedule is '61 * * * *'"),
    "mode": ({"refresh_mode": "BOGUS"}, "PGT002", "Allowed: AUTO, FULL, DIFFERENTIAL, IMMEDIATE."),
    "initialize": ({"initialize": "maybe"}, "PGT002", "Allowed: true, false."),
    "status": ({"status": "STOPPED"}, "PGT002", "Allowed: ACTIVE, PAUSED."),
    "cdc": ({"cdc_mode": "logical"}, "PGT002", "Allowed: auto, trigger, wal."),
    "diamond": ({"diamond_consistency": "STRICT"}, "PGT002", "Allowed: none, atomic."),
    "policy": ({"diamond_schedule_policy": "ATOMIC"}, "PGT002", "Allowed: fastest, slowest."),
    "append": ({"append_only": "sometimes"}, "PGT002", "append_only is 'sometimes'"),
    "pooler": ({"pooler_compatibility_mode": 2}, "PGT002", "pooler_compatibility_mode is '2'"),
    "temporal": ({"temporal": "no!"}, "PGT002", "temporal is 'no!'"),
    "tier": ({"tier": "lukewarm"}, "PGT002", "Allowed: hot, warm, cold, frozen."),
    "fuse": ({"fuse": "blown"}, "PGT002", "Allowed: off, on, auto."),
    "ceiling": ({"fuse_ceiling": 0}, "PGT002", "a whole number of at least 1"),
    "sensitivity": ({"fuse_sensitivity": 1.5}, "PGT002", "fuse_sensitivity is '1.5'"),
    "joins": ({"max_differential_joins": "many"}, "PGT002", "max_differential_joins is 'many'"),
    "fraction": ({"max_delta_fraction": 2}, "PGT002", "at least 0 and at most 1"),
    "after": (
        {"post_refresh_action": "vacuum"},
        "PGT002",
        "Allowed: none, analyze, reindex, reindex_if_drift.",
    ),
    "drift": ({"reindex_drift_threshold": "half"}, "PGT002", "reindex_drift_threshold is 'half'"),
    "partition": ({"partition_by": ""}, "PGT002", "partition_by is ''"),
    "backend": (
        {"storage_backend": "unlogged"},
        "PGT002",
        "Allowed: heap, citus, pg_mooncake, none.",
    ),
    "distribution": (
        {"output_distribution_column": ""},
        "PGT002",
        "output_distribution_column is ''",
    ),
    "fillfactor": ({"fillfactor": 5}, "PGT002", "at least 10 and at most 100"),
    "freshness": ({"target_freshness": ""}, "PGT002", "target_freshness is ''"),
    "both": (
        {"target_freshness": "30s", "schedule": "1m"},
        "PGT003",
        "schedule and target_freshness are both set",
    ),
    "in_meta": ({"meta": {"tier": "lukewarm"}}, "PGT002", "tier is 'lukewarm'"),
    "option": ({"on_replace": "perhaps"}, "PGT002", "Allowed: allow, warn, fail."),
    "dependents": ({"on_dependents": "drop"}, "PGT002", "Allowed: warn, fail."),
}


def model(**config: Any) -> str:
    settings = {"schedule": "1h", **config}
    return stream_table_model(QUERY, **settings)


@pytest.fixture(scope="module")
def shop(
    server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Database, Path]]:
    with server.database() as database:
        database.execute(ORDERS)
        yield database, tmp_path_factory.mktemp("settings")


@pytest.fixture(scope="module")
def runs(shop: tuple[Database, Path]) -> tuple[Database, DbtResult, DbtResult]:
    """Two runs of a project with one model for each row of GIVEN."""
    database, folder = shop
    models = {f"models/{name}.sql": model(**config) for name, (config, _, _) in GIVEN.items()}
    project = make_project(folder / "good", database, {"models/sources.yml": SOURCES, **models})
    return database, project.dbt("run"), project.dbt("run")


@pytest.mark.parametrize("name", GIVEN)
def test_a_setting_reaches_the_catalog(
    runs: tuple[Database, DbtResult, DbtResult], name: str
) -> None:
    database, first, _ = runs
    _, column, stored = GIVEN[name]
    assert first.messages[name] == "CREATED"
    assert stream_table(database, name)[column] == stored


@pytest.mark.parametrize("name", GIVEN)
def test_a_setting_that_is_in_the_catalog_is_no_change(
    runs: tuple[Database, DbtResult, DbtResult], name: str
) -> None:
    assert runs[2].messages[name] == "UNCHANGED"


@pytest.fixture(scope="module")
def bad_run(shop: tuple[Database, Path]) -> DbtResult:
    """One run of a project with one model for each row of BAD."""
    database, folder = shop
    models = {
        f"models/bad_{name}.sql": model(**{"schedule": "1h", **config})
        for name, (config, _, _) in BAD.items()
    }
    project = make_project(folder / "bad", database, {"models/sources.yml": SOURCES, **models})
    return project.dbt("run", check=False)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_value_is_refused_with_code_model_key_and_what_is_allowed(
    bad_run: DbtResult, shop: tuple[Database, Path], name: str
) -> None:
    _, code, told = BAD[name]
    message = bad_run.messages[f"bad_{name}"]
    assert bad_run.nodes[f"bad_{name}"] == "error"
    assert code in message
    assert told in message
    assert f"bad_{name}" in message
    assert shop[0].value("select to_regclass(%s) is null", f"analytics.bad_{name}")
    assert not [
        sql for sql in bad_run.statements(f"model.shop.bad_{name}") if "stream_table(" in sql
    ]


@pytest.fixture
def project(database: Database, dbt_project: Callable[..., DbtProject]) -> DbtProject:
    database.execute(ORDERS)
    return dbt_project({"models/sources.yml": SOURCES})


def bare(**config: Any) -> str:
    """A stream_table model without any setting but those given."""
    arguments = "".join(f", {key}={value!r}" for key, value in config.items())
    return "{{ config(materialized='stream_table'" + arguments + ") }}\n" + QUERY


def test_settings_of_the_project_and_null_takes_one_away(
    project: DbtProject, database: Database
) -> None:
    project.configure(models={"shop": {"+schedule": "5m", "+tier": "cold", "+fuse": True}})
    project.write(
        {
            "models/follows.sql": bare(),
            "models/own.sql": bare(schedule="2m"),
            "models/null.sql": bare(schedule=None, tier=None),
        }
    )
    project.dbt("run")
    stored = {name: stream_table(database, name) for name in ("follows", "own", "null")}
    assert {name: row["schedule"] for name, row in stored.items()} == {
        "follows": "5m",
        "own": "2m",
        "null": None,
    }
    assert {name: row["refresh_tier"] for name, row in stored.items()} == {
        "follows": "cold",
        "own": "cold",
        "null": "hot",
    }
    assert {row["fuse_mode"] for row in stored.values()} == {"on"}


def test_settings_in_a_yaml_file_with_bare_on_and_numbers(
    project: DbtProject, database: Database
) -> None:
    project.write(
        {
            "models/totals.sql": bare(),
            "models/models.yml": """
models:
- name: totals
  config:
    schedule: 120
    fuse: on
    fuse_ceiling: 5
    meta: {append_only: yes, max_delta_fraction: 0.5}
""",
        }
    )
    project.dbt("run")
    row = stream_table(database)
    assert (row["schedule"], row["fuse_mode"], row["fuse_ceiling"]) == ("120", "on", 5)
    assert (row["is_append_only"], row["max_delta_fraction"]) == (True, 0.5)


def test_a_setting_taken_away_goes_back_to_its_default(
    project: DbtProject, database: Database
) -> None:
    project.write(
        {
            "models/totals.sql": bare(
                schedule="5m",
                tier="cold",
                append_only=True,
                max_differential_joins=3,
                cdc_mode="trigger",
            )
        }
    )
    project.dbt("run")
    project.write({"models/totals.sql": bare()})
    message = project.dbt("run").messages["totals"]
    assert message.startswith("ALTERED (")
    row = stream_table(database)
    assert (row["schedule"], row["refresh_tier"], row["is_append_only"]) == ("1m", "hot", False)
    assert not row["max_differential_joins"]
    assert project.dbt("run").messages["totals"] == "UNCHANGED"


def test_a_key_one_slip_from_a_setting_is_named(project: DbtProject) -> None:
    project.write(
        {"models/totals.sql": bare(shedule="5m", meta={"refreshMode": "FULL", "owner": "me"})}
    )
    log = project.dbt("run").log
    assert (
        "[PGT004] totals: the config key 'shedule' is unknown and does nothing."
        " Did you mean 'schedule'?" in log
    )
    assert "Did you mean 'refresh_mode'?" in log
    assert "owner" not in log


def test_a_setting_that_this_pg_trickle_lacks_is_left_out_with_a_warning(
    project: DbtProject, database: Database
) -> None:
    project.write(
        {"models/totals.sql": bare(fillfactor=70), "models/fresh.sql": bare(target_freshness="30s")}
    )
    result = project.dbt("run")
    for name, key in {"totals": "fillfactor", "fresh": "target_freshness"}.items():
        assert "PGT006" in next(
            line for line in result.log.splitlines() if f"{name}:" in line and key in line
        )
        assert stream_table(database, name)["status"] == "ACTIVE"


def test_a_distribution_column_without_citus_fails_with_the_extensions_reason(
    project: DbtProject, database: Database
) -> None:
    project.write({"models/totals.sql": bare(output_distribution_column="id")})
    result = project.dbt("run", check=False)
    assert not result.success
    assert "itus" in result.messages["totals"]


def test_an_uninitialized_parent_of_another_model_is_warned_of_until_it_is_filled(
    project: DbtProject, database: Database
) -> None:
    project.write(
        {
            "models/totals.sql": bare(initialize=False),
            "models/alone.sql": bare(initialize=False),
            "models/reader.sql": "select region from {{ ref('totals') }}",
        }
    )
    log = project.dbt("run").log
    [warning] = [line for line in log.splitlines() if "PGT008" in line]
    assert "totals" in warning
    assert "reader" in warning
    database.query("select pgtrickle.refresh_stream_table('analytics.totals')")
    assert "PGT008" not in project.dbt("run").log
