"""Altering, suspending, resuming, repairing."""

from __future__ import annotations

import pytest

from tests.conformance.stream_tables import (
    create,
    error,
    exists,
    info,
    oid,
    refresh,
    rows,
    sqlstate,
)
from tests.support.postgres import Database

QUERY = "select id from shop.orders"


@pytest.fixture
def stream_table(shop: Database) -> Database:
    """A database with the stream table shop.st."""
    create(shop, "shop.st", QUERY)
    return shop


def alter(database: Database, setting: str) -> None:
    """Alter shop.st."""
    database.query(f"select pgtrickle.alter_stream_table('shop.st', {setting})")


@pytest.mark.parametrize(
    ("setting", "column", "value"),
    [
        ("schedule => '5m'", "schedule", "5m"),
        ("schedule => 'calculated'", "schedule", None),
        ("status => 'suspended'", "status", "SUSPENDED"),
        ("diamond_consistency => 'none'", "diamond_consistency", "none"),
        ("diamond_schedule_policy => 'slowest'", "diamond_schedule_policy", "slowest"),
        ("cdc_mode => 'trigger'", "requested_cdc_mode", "trigger"),
        ("append_only => true", "is_append_only", True),
        ("pooler_compatibility_mode => true", "pooler_compatibility_mode", True),
        ("tier => 'warm'", "refresh_tier", "warm"),
        ("fuse => 'on'", "fuse_mode", "on"),
        ("fuse_ceiling => 5", "fuse_ceiling", 5),
        ("fuse_sensitivity => 2", "fuse_sensitivity", 2),
        ("max_differential_joins => 3", "max_differential_joins", 3),
        ("max_delta_fraction => 0.5", "max_delta_fraction", 0.5),
        ("post_refresh_action => 'analyze'", "post_refresh_action", "analyze"),
        ("reindex_drift_threshold => 0.5", "reindex_drift_threshold", 0.5),
    ],
)
def test_a_setting_is_altered_in_place(
    stream_table: Database, setting: str, column: str, value: object
) -> None:
    before = oid(stream_table, "shop.st")

    alter(stream_table, setting)

    assert info(stream_table, "shop.st")[column] == value
    assert oid(stream_table, "shop.st") == before


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        ("status => 'PAUSED'", "22023"),
        ("schedule => 'banana'", "22023"),
        ("refresh_mode => 'BOGUS'", "22023"),
        ("refresh_mode => 'AUTO'", "23514"),
        ("refresh_mode => 'INCREMENTAL'", "23514"),
        ("diamond_consistency => 'x'", "22023"),
        ("diamond_schedule_policy => 'x'", "22023"),
        ("cdc_mode => 'x'", "22023"),
        ("tier => 'x'", "22023"),
        ("fuse => 'x'", "22023"),
        ("fuse_ceiling => 0", "22023"),
        ("fuse_sensitivity => -1", "22023"),
        ("max_differential_joins => -1", "22023"),
        ("max_delta_fraction => -1", "22023"),
        ("post_refresh_action => 'x'", "22023"),
        ("reindex_drift_threshold => 5", "23514"),
        ("query => 'select id from shop.orders -- no end'", "42601"),
    ],
)
def test_a_setting_with_a_wrong_value_is_refused(
    stream_table: Database, setting: str, code: str
) -> None:
    assert (
        sqlstate(stream_table, f"select pgtrickle.alter_stream_table('shop.st', {setting})") == code
    )


@pytest.mark.parametrize("setting", ["max_differential_joins => 3", "max_delta_fraction => 0.5"])
def test_zero_takes_a_limit_away(stream_table: Database, setting: str) -> None:
    alter(stream_table, setting)
    name = setting.split(" ", maxsplit=1)[0]

    alter(stream_table, f"{name} => 0")

    assert info(stream_table, "shop.st")[name] is None


def test_partitioning_means_another_table(stream_table: Database) -> None:
    before = oid(stream_table, "shop.st")

    alter(stream_table, "partition_by => 'id'")

    assert oid(stream_table, "shop.st") != before
    assert info(stream_table, "shop.st")["st_partition_key"] == "id"
    assert len(rows(stream_table, "select id from shop.st")) == 4


def test_a_partitioned_stream_table_is_kept_up_to_date(shop: Database) -> None:
    shop.query(
        "select pgtrickle.create_stream_table('shop.parts', %s, '1h', 'DIFFERENTIAL', "
        "partition_by => 'HASH:id:2')",
        QUERY,
    )
    shop.execute(
        "insert into shop.orders values (9, 'cy', 1, null); delete from shop.orders where id = 1"
    )

    refresh(shop, "shop.parts")

    assert rows(shop, "select id from shop.parts") == [(2,), (3,), (4,), (9,)]


@pytest.mark.parametrize(
    ("status", "words"), [("SUSPENDED", "is suspended"), ("ERROR", "is in error state")]
)
def test_it_is_not_refreshed_while_suspended_or_in_error(
    stream_table: Database, status: str, words: str
) -> None:
    alter(stream_table, f"status => '{status}'")

    failure = error(stream_table, "select pgtrickle.refresh_stream_table('shop.st')")

    assert failure.sqlstate == "22023"
    assert words in str(failure)
    assert "resume_stream_table" in str(failure)


@pytest.mark.parametrize("status", ["SUSPENDED", "ERROR"])
def test_resuming_makes_it_active(stream_table: Database, status: str) -> None:
    alter(stream_table, f"status => '{status}'")

    stream_table.query("select pgtrickle.resume_stream_table('shop.st')")
    refresh(stream_table, "shop.st")

    assert info(stream_table, "shop.st")["status"] == "ACTIVE"


def test_resuming_an_active_one_is_an_error(stream_table: Database) -> None:
    assert sqlstate(stream_table, "select pgtrickle.resume_stream_table('shop.st')") == "22023"


def test_any_change_takes_it_out_of_error(stream_table: Database) -> None:
    alter(stream_table, "status => 'ERROR'")

    alter(stream_table, "schedule => '7m'")

    assert info(stream_table, "shop.st")["status"] == "ACTIVE"


def test_another_setting_leaves_it_suspended_and_a_query_makes_it_active(
    stream_table: Database,
) -> None:
    alter(stream_table, "status => 'SUSPENDED'")
    alter(stream_table, "schedule => '7m'")
    still = info(stream_table, "shop.st")["status"]

    alter(stream_table, "query => 'select id from shop.orders where id > 1'")

    assert still == "SUSPENDED"
    assert info(stream_table, "shop.st")["status"] == "ACTIVE"


def test_altering_the_query_of_a_top_k_fills_it_with_every_row_until_the_next_refresh(
    shop: Database,
) -> None:
    create(shop, "shop.top", "select id from shop.orders order by id desc limit 2")

    shop.query(
        "select pgtrickle.alter_stream_table('shop.top', "
        "query => 'select id from shop.orders order by id desc limit 3')"
    )
    too_many = len(rows(shop, "select id from shop.top"))
    refresh(shop, "shop.top")

    assert too_many == 4
    assert rows(shop, "select id from shop.top") == [(2,), (3,), (4,)]


@pytest.mark.parametrize("verb", ["alter", "refresh", "resume", "drop", "repair"])
def test_an_unknown_stream_table_is_not_found(shop: Database, verb: str) -> None:
    assert sqlstate(shop, f"select pgtrickle.{verb}_stream_table('shop.nowhere')") == "42P01"


@pytest.mark.parametrize("verb", ["refresh", "resume", "drop", "repair"])
def test_a_null_name_does_nothing(stream_table: Database, verb: str) -> None:
    stream_table.query(f"select pgtrickle.{verb}_stream_table(null)")

    assert exists(stream_table, "shop.st")


def test_a_cycle_is_refused(stream_table: Database) -> None:
    create(stream_table, "shop.reader", "select id from shop.st")

    code = sqlstate(
        stream_table,
        "select pgtrickle.alter_stream_table('shop.st', query => 'select id from shop.reader')",
    )

    assert code == "42P15"


def test_wrong_rows_behind_the_guard_stay_until_the_query_is_given_again(
    stream_table: Database,
) -> None:
    with stream_table.connect() as connection:
        connection.execute("set pg_trickle.internal_refresh = 'true'")
        connection.execute("insert into shop.st (__pgt_row_id, id) values (1, 777)")
    refresh(stream_table, "shop.st")
    wrong = len(rows(stream_table, "select id from shop.st"))

    alter(stream_table, f"query => '{QUERY}'")

    assert wrong == 5
    assert rows(stream_table, "select id from shop.st") == [(1,), (2,), (3,), (4,)]
