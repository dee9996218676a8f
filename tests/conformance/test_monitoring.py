"""What the views and functions for monitoring answer."""

from __future__ import annotations

import json

import pytest

from tests.conformance.stream_tables import create, info, refresh, rows, sqlstate
from tests.support.postgres import Database

QUERY = "select id, customer from shop.orders"


@pytest.mark.parametrize("schedule", ["calculated", "0 0 1 1 *"])
def test_stale_says_nothing_about_calculated_and_cron(shop: Database, schedule: str) -> None:
    create(shop, "shop.st", QUERY, schedule)

    assert info(shop, "shop.st")["stale"] is None


def test_stale_compares_the_last_refresh_with_the_schedule(shop: Database) -> None:
    create(shop, "shop.st", QUERY, "1h")
    fresh = info(shop, "shop.st")["stale"]
    shop.execute(
        "update pgtrickle.pgt_stream_tables set last_refresh_at = now() - interval '2 hours'"
    )

    assert (fresh, info(shop, "shop.st")["stale"]) == (False, True)


def test_pg_stat_stream_tables_counts_the_refreshes(shop: Database) -> None:
    create(shop, "shop.st", QUERY)
    shop.execute("insert into shop.orders values (9, 'cy', 1, null)")
    refresh(shop, "shop.st")

    assert rows(
        shop,
        "select pgt_schema, pgt_name, total_refreshes, successful_refreshes, failed_refreshes, "
        "last_action, last_status, cdc_modes from pgtrickle.pg_stat_stream_tables",
    ) == [("shop", "st", 2, 2, 0, "DIFFERENTIAL", "COMPLETED", ["TRIGGER"])]


def test_st_refresh_stats_has_the_error(shop: Database) -> None:
    create(shop, "shop.st", QUERY)
    shop.execute("update pgtrickle.pgt_stream_tables set last_error_message = 'it broke'")

    assert rows(
        shop,
        "select pgt_schema, pgt_name, status, last_error_message from pgtrickle.st_refresh_stats()",
    ) == [("shop", "st", "ACTIVE", "it broke")]


def test_pgt_status_names_each_stream_table(shop: Database) -> None:
    create(shop, "shop.st", QUERY)

    assert rows(shop, "select name, status, refresh_mode from pgtrickle.pgt_status()") == [
        ("shop.st", "ACTIVE", "DIFFERENTIAL")
    ]


def test_health_check_tells_error_and_suspended_ones(shop: Database) -> None:
    create(shop, "shop.st", QUERY)
    create(shop, "shop.other", QUERY)
    shop.query("select pgtrickle.alter_stream_table('shop.st', status => 'ERROR')")
    shop.query("select pgtrickle.alter_stream_table('shop.other', status => 'SUSPENDED')")

    found = shop.query(
        "select severity, detail from pgtrickle.health_check() where check_name = 'error_tables'"
    )
    assert found[0]["severity"] == "ERROR"
    assert "shop.st" in found[0]["detail"]
    assert "shop.other" in found[0]["detail"]


def test_health_check_tells_those_that_need_a_refill(shop: Database) -> None:
    shop.execute("create view shop.staged as select id from shop.orders")
    create(shop, "shop.st", "select id from shop.staged")
    shop.execute("create or replace view shop.staged as select id from shop.orders")

    assert rows(
        shop,
        "select severity from pgtrickle.health_check() "
        "where check_name = 'needs_reinit' and detail like '%shop.st%'",
    ) == [("WARN",)]


def test_the_dependency_tree_shows_stream_tables_under_what_they_read(shop: Database) -> None:
    create(shop, "shop.st", QUERY)
    create(shop, "shop.down", "select id from shop.st")

    tree = shop.query("select node, node_type, depth from pgtrickle.dependency_tree()")
    assert [tuple(row.values()) for row in tree] == [
        ("shop.st", "stream_table", 0),
        ("shop.down", "stream_table", 1),
        ("shop.orders", "source_table", 1),
    ]


def test_list_sources_tells_kind_and_mode(shop: Database) -> None:
    create(shop, "shop.st", QUERY)
    create(shop, "shop.down", "select id from shop.st")

    listed = "select source_table, source_type, cdc_mode from pgtrickle.list_sources(%s)"
    assert shop.query(listed, "shop.st") == [
        {"source_table": "shop.orders", "source_type": "TABLE", "cdc_mode": "TRIGGER"}
    ]
    assert shop.query(listed, "shop.down")[0]["source_type"] == "STREAM_TABLE"


def test_the_history_takes_a_number_of_rows(shop: Database) -> None:
    create(shop, "shop.st", QUERY)
    refresh(shop, "shop.st")
    refresh(shop, "shop.st")

    assert len(shop.query("select * from pgtrickle.get_refresh_history('shop.st', 2)")) == 2


def test_an_unknown_name_has_no_history_and_no_sources_but_no_auxiliary_columns_either(
    shop: Database,
) -> None:
    assert shop.query("select * from pgtrickle.get_refresh_history('shop.nowhere')") == []
    assert shop.query("select * from pgtrickle.list_sources('shop.nowhere')") == []
    assert (
        sqlstate(shop, "select * from pgtrickle.list_auxiliary_columns('shop.nowhere')") == "XX000"
    )


def test_preflight_is_json_with_a_verdict_for_each_check(shop: Database) -> None:
    checks = json.loads(shop.value("select pgtrickle.preflight()"))

    assert {"scheduler_running", "wal_level"} <= checks.keys()
    assert all(isinstance(check["ok"], bool) and check["detail"] for check in checks.values())


def test_cdc_status_names_source_and_stream_table(shop: Database) -> None:
    create(shop, "shop.st", QUERY)

    assert rows(
        shop,
        "select pgt_schema, pgt_name, source_schema, source_name, cdc_mode "
        "from pgtrickle.pgt_cdc_status",
    ) == [("shop", "st", "shop", "orders", "TRIGGER")]
