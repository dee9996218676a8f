"""The macros of the upstream package: names, arguments in order, and what each was meant to do."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.checks.shop import scheduler
from tests.materialization.shop import stream_table
from tests.package.conftest import Caller
from tests.support.postgres import ROOT, Database

CREATE = (
    "name query schedule refresh_mode initialize cdc_mode partition_by append_only temporal"
    " storage_backend diamond_consistency diamond_schedule_policy pooler_compatibility_mode"
    " max_differential_joins max_delta_fraction output_distribution_column"
)
SIGNATURES = {
    "pgtrickle_create_stream_table": CREATE,
    "pgtrickle_create_or_replace_stream_table": CREATE,
    "pgtrickle_alter_stream_table": "name schedule refresh_mode status current_info query cdc_mode"
    " fuse fuse_ceiling fuse_sensitivity append_only max_differential_joins max_delta_fraction",
    "pgtrickle_drop_stream_table": "name",
    "pgtrickle_refresh_stream_table": "name",
    "pgtrickle_refresh": "model_name schema",
    "refresh_all_stream_tables": "schema",
    "drop_all_stream_tables": "",
    "drop_all_stream_tables_force": "",
    "pgtrickle_check_cdc_health": "",
    "pgtrickle_operational_status": "",
    "pgtrickle_drain": "timeout_s",
    "pgtrickle_check_freshness": "model_name warn_seconds error_seconds",
    "pgtrickle_enable_monitoring": "",
    "pgtrickle_stream_table_exists": "name",
    "pgtrickle_get_stream_table_info": "name",
    "pgtrickle_stream_table_status": "name warn_seconds",
    "pgtrickle_has_create_or_replace": "",
    "stream_table_healthy": "model warn_seconds",
}
QUERY = "select region, count(*) as orders, max(amount) as largest from raw.orders group by region"
NEW: dict[str, Any] = {
    "name": "analytics.totals", "query": QUERY, "schedule": "1h", "refresh_mode": "DIFFERENTIAL",
    "initialize": True,
}  # fmt: skip


def rows(database: Database) -> list[tuple[str, int]]:
    return [
        (row["region"], row["orders"])
        for row in database.query("select region, orders from analytics.totals order by region")
    ]


@pytest.mark.parametrize("name", SIGNATURES)
def test_upstreams_name_and_arguments_in_order(name: str) -> None:
    texts = [path.read_text() for path in (ROOT / "macros").rglob("*.sql")]
    headers = [
        h
        for text in texts
        for h in re.findall(
            r"{% (?:macro|test) " + name + r"\(([^)]*)\) %}", " ".join(text.split())
        )
    ]
    assert len(headers) == 1
    arguments = re.findall(r"(\w+)(?==|,|$)(?:=[^,]*)?(?:, |$)", headers[0])
    wanted = SIGNATURES[name].split()
    assert arguments[: len(wanted)] == wanted


def test_create_fills_a_stream_table_and_refuses_a_second_one(
    call: Caller, database: Database
) -> None:
    call(
        (
            "pgtrickle_create_stream_table",
            {**NEW, "cdc_mode": "trigger", "diamond_consistency": "none"},
        )
    )
    made = stream_table(database)
    assert (made["status"], made["schedule"], made["refresh_mode"]) == (
        "ACTIVE",
        "1h",
        "DIFFERENTIAL",
    )
    assert (made["requested_cdc_mode"], made["diamond_consistency"]) == ("trigger", "none")
    assert rows(database) == [("region 0", 10), ("region 1", 10), ("region 2", 10)]
    assert "PGT080" in call.refusal("pgtrickle_create_stream_table", **NEW)


def test_create_takes_no_schedule_for_calculated_and_a_final_comment(
    call: Caller, database: Database
) -> None:
    query = QUERY + "; -- the end $pgtrickle$"
    call(("pgtrickle_create_stream_table", {**NEW, "query": query, "schedule": None}))
    assert stream_table(database)["schedule"] is None


def test_create_leaves_an_ordinary_table_of_that_name_alone(
    call: Caller, database: Database
) -> None:
    for macro in ("pgtrickle_create_stream_table", "pgtrickle_create_or_replace_stream_table"):
        assert "PGT083" in call.refusal(macro, **{**NEW, "name": "raw.orders"})
    assert database.value("select count(*) from raw.orders") == 30


def test_create_or_replace_creates_leaves_alone_and_changes(
    call: Caller, database: Database
) -> None:
    call(("pgtrickle_create_or_replace_stream_table", NEW))
    database.query("select pgtrickle.alter_stream_table('analytics.totals', tier => 'cold')")
    before = stream_table(database)
    call(
        (
            "pgtrickle_create_or_replace_stream_table",
            {**NEW, "query": QUERY.upper().replace("RAW.ORDERS", "raw.orders")},
        )
    )
    assert stream_table(database) == before

    more = QUERY.replace("max(amount)", "min(amount) as smallest, max(amount)")
    call(("pgtrickle_create_or_replace_stream_table", {**NEW, "query": more, "schedule": "2h"}))
    after = stream_table(database)
    assert (after["schedule"], after["refresh_tier"], after["status"]) == ("2h", "cold", "ACTIVE")
    assert database.value("select smallest from analytics.totals where region = 'region 1'") == 1
    database.execute("insert into raw.orders values (31, 'region 1', 0)")


@pytest.mark.parametrize("mode", ["AUTO", "DIFFERENTIAL"])
def test_create_or_replace_twice_with_the_same_arguments(
    call: Caller, database: Database, mode: str
) -> None:
    step = ("pgtrickle_create_or_replace_stream_table", {**NEW, "refresh_mode": mode})
    call(step, step)
    assert stream_table(database)["status"] == "ACTIVE"


def test_alter_changes_what_it_names_and_nothing_else(call: Caller, database: Database) -> None:
    call(
        ("pgtrickle_create_stream_table", NEW),
        ("pgtrickle_alter_stream_table", {
            "name": "analytics.totals", "schedule": "5m", "refresh_mode": None,
            "fuse": "auto", "fuse_ceiling": 100,
        }),
    )  # fmt: skip
    altered = stream_table(database)
    assert (altered["schedule"], altered["refresh_mode"]) == ("5m", "DIFFERENTIAL")
    assert (altered["fuse_mode"], altered["fuse_ceiling"]) == ("auto", 100)

    keep = {"name": "analytics.totals", "schedule": None, "refresh_mode": "AUTO"}
    call(("pgtrickle_alter_stream_table", {**keep, "status": "PAUSED"}))
    assert stream_table(database)["status"] == "SUSPENDED"
    assert stream_table(database)["fuse_mode"] == "auto"
    call(
        (
            "pgtrickle_alter_stream_table",
            {**keep, "status": "ACTIVE", "query": QUERY.replace("max(", "min(")},
        )
    )
    assert stream_table(database)["status"] == "ACTIVE"
    assert database.value("select largest from analytics.totals where region = 'region 1'") == 1


def test_alter_of_nothing_fails(call: Caller) -> None:
    log = call.refusal(
        "pgtrickle_alter_stream_table", name="analytics.nothing", schedule="1m", refresh_mode=None
    )
    assert "PGT081" in log


def test_refresh_brings_the_changes_and_fails_on_nothing(call: Caller, database: Database) -> None:
    call(("pgtrickle_create_stream_table", NEW))
    database.execute("insert into raw.orders values (31, 'region 0', 5)")
    call(("pgtrickle_refresh_stream_table", {"name": "analytics.totals"}))
    assert rows(database)[0] == ("region 0", 11)
    assert "PGT081" in call.refusal("pgtrickle_refresh_stream_table", name="totals_of_nothing")


def test_drop_names_the_views_that_go_and_refuses_under_a_stream_table(
    call: Caller, database: Database
) -> None:
    large = {
        **NEW,
        "name": "analytics.large",
        "query": "select region, orders from analytics.totals where orders > 1",
    }
    call(("pgtrickle_create_stream_table", NEW), ("pgtrickle_create_stream_table", large))
    assert "analytics.large" in call.refusal("pgtrickle_drop_stream_table", name="totals")
    database.execute("create view analytics.names as select region from analytics.totals")
    call(
        ("pgtrickle_drop_stream_table", {"name": "analytics.large"}),
        ("pgtrickle_drop_stream_table", {"name": "analytics.totals"}),
    )
    assert "analytics.names" in call.log
    assert database.value("select count(*) from pgtrickle.pgt_stream_tables") == 0


def test_exists_info_and_status_of_one_that_is_there_and_of_nothing(
    call: Caller, database: Database
) -> None:
    call(("pgtrickle_create_stream_table", NEW))
    database.execute("alter table analytics.totals rename to sums")
    there, gone, info, no_info, fresh, nothing, replaceable = call(
        ("pgtrickle_stream_table_exists", {"name": "sums"}),
        ("pgtrickle_stream_table_exists", {"name": "analytics.totals"}),
        ("pgtrickle_get_stream_table_info", {"name": "analytics.sums"}),
        ("pgtrickle_get_stream_table_info", {"name": "nothing"}),
        ("pgtrickle_stream_table_status", {"name": "analytics.sums"}),
        ("pgtrickle_stream_table_status", {"name": "nothing"}),
        ("pgtrickle_has_create_or_replace", {}),
    )
    assert (there, gone, no_info, replaceable) == (True, False, None, True)
    assert (info["schedule"], info["refresh_mode"], info["fuse_mode"]) == (
        "1h",
        "DIFFERENTIAL",
        "off",
    )
    assert {
        "pgt_name",
        "pgt_schema",
        "defining_query",
        "status",
        "fuse_ceiling",
        "st_partition_key",
    } <= info.keys()
    # its next refresh would fail: pg_trickle goes by the name that it had
    assert (fresh["status"], fresh["is_populated"], fresh["is_drained"]) == (
        "erroring",
        True,
        False,
    )
    assert fresh["staleness_seconds"] < 60
    assert fresh["last_refresh_at"].endswith("+00:00")
    assert (nothing["status"], nothing["staleness_seconds"]) == ("not_found", None)


@pytest.mark.parametrize(
    ("situation", "expected"),
    [
        (
            "select pgtrickle.alter_stream_table('analytics.totals', status => 'SUSPENDED')",
            "paused",
        ),
        ("drop table raw.orders cascade", "erroring"),
        (
            "select pgtrickle.alter_stream_table('analytics.totals', tier => 'frozen');"
            "update pgtrickle.pgt_stream_tables set last_refresh_at = now() - interval '1 day'",
            "stale",
        ),
    ],
    ids=["suspended", "its source dropped", "an old refresh"],
)
def test_status_is_not_healthy(
    call: Caller, database: Database, situation: str, expected: str
) -> None:
    call(("pgtrickle_create_stream_table", NEW))
    database.execute(situation)
    [status] = call(("pgtrickle_stream_table_status", {"name": "analytics.totals"}))
    assert status["status"] == expected


def test_operational_status_tells_what_runs(call: Caller, database: Database) -> None:
    with scheduler(database):
        [status] = call(("pgtrickle_operational_status", {}))
    assert status == {
        "scheduler_running": True, "is_drained": False, "cdc_paused": False, "force_full": False,
        "backpressure_active": False, "enabled": True,
    }  # fmt: skip


def test_drain_and_monitoring_do_it_or_say_that_this_pg_trickle_cannot(
    call: Caller, database: Database
) -> None:
    if database.extension == "pg_trickle_lite":
        assert "PGT082" in call.refusal("pgtrickle_drain")
        call(("pgtrickle_enable_monitoring", {}))
        assert "PGT082" in call.log
        return
    with scheduler(database):
        drained, _, _ = call(
            ("pgtrickle_drain", {"timeout_s": 30}),
            ("pgtrickle_enable_monitoring", {}),
            ("pgtrickle_enable_monitoring", {}),
        )
    assert drained is True
    assert call.log.count("self-monitoring is set up: 6 stream tables") == 1
    assert database.value("select count(*) from pgtrickle.pgt_stream_tables") == 6
