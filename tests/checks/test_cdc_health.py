"""Capture beyond the table of situations: what else can be wrong, and mending it."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from tasklib.tasks import cdc_health
from tests.checks import situations
from tests.checks.shop import Shop, ask_cdc_health

Capsys = pytest.CaptureFixture[str]
REAL_ONLY = "the stand-in has no change buffers"


def test_a_table_without_a_primary_key_is_noted_and_no_alarm(shop: Shop, capsys: Capsys) -> None:
    shop.database.execute("create table shop.logs (line text)")
    shop.create("select line, count(*) as n from shop.logs group by line")
    answer = ask_cdc_health(shop, capsys)
    row = answer.row("shop.logs")
    assert (answer.status, row["verdict"], row["reason"]) == (0, "ok", "no_primary_key")


def test_a_source_that_is_a_stream_table_needs_no_triggers(shop: Shop, capsys: Capsys) -> None:
    shop.create()
    shop.create("select customer from analytics.totals", "analytics.reader")
    answer = ask_cdc_health(shop, capsys, everything=True)
    assert answer.row("analytics.totals")["verdict"] == "ok"


def test_a_column_that_nothing_reads_may_be_renamed(shop: Shop, capsys: Capsys) -> None:
    shop.create("select customer, count(*) as n from shop.orders group by customer")
    shop.database.execute("alter table shop.orders rename column amount to price")
    assert ask_cdc_health(shop, capsys).status == 0


def test_a_leftover_buffer_that_blocks_writes_is_found_and_mended(
    shop: Shop, capsys: Capsys
) -> None:
    if shop.database.extension != "pg_trickle":
        pytest.skip(REAL_ONLY)
    shop.create("select id, customer from shop.orders")
    shop.database.query("select pgtrickle.drop_stream_table('analytics.totals')")
    shop.create("select id, amount from shop.orders")
    row = ask_cdc_health(shop, capsys).row("shop.orders")
    assert (row["verdict"], row["reason"]) == ("error", "buffer_outdated")
    assert "amount" in row["cause"]
    assert ask_cdc_health(shop, capsys, repair=True, yes=True).status == 0
    shop.database.execute("insert into shop.orders values (1000, 'c1', 5)")


def test_paused_capture_is_an_error(shop: Shop, capsys: Capsys) -> None:
    shop.create()
    name = shop.database.params["dbname"]
    shop.database.execute(f"alter database {name} set pg_trickle.cdc_paused = on")
    row = ask_cdc_health(shop, capsys).row("capture")
    assert (row["verdict"], row["reason"]) == ("error", "capture_paused")


def test_an_alert_of_the_extension_is_an_error(shop: Shop, capsys: Capsys) -> None:
    shop.create()
    _answer_with(shop, alert="'slot_lag_exceeds_threshold'")
    row = ask_cdc_health(shop, capsys).row("shop.orders")
    assert (row["verdict"], row["reason"]) == ("error", "alert")
    assert "slot_lag_exceeds_threshold" in row["cause"]


def test_a_column_missing_from_the_extensions_answer_is_an_error(
    shop: Shop, capsys: Capsys
) -> None:
    shop.create()
    _answer_with(shop, alert=None)
    row = ask_cdc_health(shop, capsys).row("capture")
    assert (row["verdict"], row["reason"]) == ("error", "unreadable")
    assert row["cause"].endswith("has no column alert")


def test_a_source_that_the_extension_does_not_watch_is_an_error(shop: Shop, capsys: Capsys) -> None:
    shop.create()
    _answer_with(shop, alert="null", rows="where false")
    assert ask_cdc_health(shop, capsys).row("shop.orders")["reason"] == "not_watched"


def _answer_with(shop: Shop, alert: str | None, rows: str = "") -> None:
    """Let check_cdc_health() give another answer, as another version might."""
    column, value = (", alert text", f", {alert}") if alert else ("", "")
    shop.database.execute(
        f"""
        alter extension {shop.database.extension} drop function pgtrickle.check_cdc_health();
        drop function pgtrickle.check_cdc_health();
        create function pgtrickle.check_cdc_health()
        returns table (source_relid bigint, source_table text, cdc_mode text, slot_name text,
                       lag_bytes bigint{column}) language sql
        as $$ select 'shop.orders'::regclass::oid::bigint, 'shop.orders', 'TRIGGER', null::text,
              null::bigint{value} {rows} $$
        """
    )


@pytest.mark.parametrize(
    ("said", "status"), [("recovery: all good", 0), ("shop.orders: CDC_TRIGGER_MISSING", 1)]
)
def test_what_the_extension_says_about_recovery_counts(
    shop: Shop, capsys: Capsys, said: str, status: int
) -> None:
    shop.create()
    shop.database.execute(
        "create or replace function pgtrickle.validate_recovery() returns text language sql "
        f"as $$ select '{said}'::text $$"
    )
    answer = ask_cdc_health(shop, capsys)
    assert answer.status == status
    assert answer.row("recovery")["verdict"] == ("error" if status else "ok")


def right(shop: Shop) -> bool:
    """Whether totals holds what its query gives, after a change and a refresh."""
    shop.database.execute("insert into shop.orders values (5000, 'after', 3)")
    if shop.field("refresh_mode") != "IMMEDIATE":
        shop.database.query("select pgtrickle.refresh_stream_table('analytics.totals')")
    held = "select customer, orders from analytics.totals"
    wanted = "select customer, count(*) from shop.orders group by customer"
    return not shop.database.query(f"({held} except {wanted}) union all ({wanted} except {held})")


@pytest.mark.parametrize(
    "arrange",
    [
        situations.trigger_disabled,
        situations.trigger_dropped,
        situations.one_trigger_dropped,
        situations.immediate_trigger_dropped,
    ],
)
def test_repair_brings_capture_back_and_fills_in_what_was_lost(
    shop: Shop, capsys: Capsys, arrange: Callable[[Shop], None]
) -> None:
    arrange(shop)
    shop.database.execute("delete from shop.orders where id = 1")
    shop.database.execute("insert into shop.orders values (1001, 'lost', 5)")
    answer = ask_cdc_health(shop, capsys, repair=True, yes=True)
    assert answer.status == 0, answer.document
    assert any("analytics.totals" in step for step in answer.document["notes"])
    assert right(shop)


def test_repair_leaves_a_suspended_table_suspended(shop: Shop, capsys: Capsys) -> None:
    situations.trigger_dropped(shop)
    shop.alter(status="SUSPENDED")
    assert ask_cdc_health(shop, capsys, repair=True, yes=True).status == 0
    assert shop.field("status") == "SUSPENDED"


def test_repair_asks_first_and_a_no_changes_nothing(
    shop: Shop, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    situations.trigger_dropped(shop)
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert cdc_health.check(shop.project, repair=True) == 1
    assert "repair shop.orders, and fill anew analytics.totals?" in capsys.readouterr().out
    assert shop.capture_triggers() == []


def test_repair_says_what_it_could_not_do(shop: Shop, capsys: Capsys) -> None:
    situations.renamed_column(shop)
    answer = ask_cdc_health(shop, capsys, repair=True, yes=True)
    assert answer.status == 1
    assert answer.row("shop.orders")["reason"] == "column_gone"
    assert answer.document["notes"]
