"""Capture by a slot, and buffers that fill: what the stand-in can't bring about is shaped here."""

from __future__ import annotations

from typing import Any

import pytest
from psycopg import sql

from tasklib.base.errors import UserError
from tests.checks.shop import Answer, Shop, ask_cdc_health, until

Capsys = pytest.CaptureFixture[str]
MEGABYTE = 1024 * 1024


def capture_by(shop: Shop, mode: str, **more: Any) -> None:
    """Let the catalog say that the source is captured another way."""
    columns = {"cdc_mode": mode, **more}
    assignments = ", ".join(f"{name} = %s" for name in columns)
    shop.database.query(f"update pgtrickle.pgt_dependencies set {assignments}", *columns.values())


def answer_with(shop: Shop, slot: str, lag: int) -> None:
    """Let check_cdc_health() tell of a slot and how far it is behind."""
    shop.database.execute(
        f"""
        alter extension {shop.database.extension} drop function pgtrickle.check_cdc_health();
        drop function pgtrickle.check_cdc_health();
        create function pgtrickle.check_cdc_health()
        returns table (source_relid bigint, source_table text, cdc_mode text, slot_name text,
                       lag_bytes bigint, alert text) language sql
        as $$ select 'shop.orders'::regclass::oid::bigint, 'shop.orders', 'WAL', '{slot}',
              {lag}::bigint, null::text $$
        """
    )


def verdicts(answer: Answer) -> dict[str, str]:
    return {row["reason"]: row["verdict"] for row in answer.document["results"]}


@pytest.mark.parametrize(
    ("megabytes", "status", "verdict"), [(99, 0, None), (101, 0, "warn"), (1025, 1, "error")]
)
def test_a_slot_that_lags_is_a_warning_and_far_behind_an_error(
    shop: Shop, capsys: Capsys, megabytes: int, status: int, verdict: str | None
) -> None:
    shop.create()
    answer_with(shop, "", megabytes * MEGABYTE)
    answer = ask_cdc_health(shop, capsys)
    assert (answer.status, verdicts(answer).get("slot_lag")) == (status, verdict)


def test_a_slot_that_is_gone_is_an_error(shop: Shop, capsys: Capsys) -> None:
    shop.create()
    answer_with(shop, "gone_slot", 0)
    capture_by(shop, "WAL", slot_name="gone_slot")
    answer = ask_cdc_health(shop, capsys)
    assert (answer.status, verdicts(answer)) == (1, {"slot_missing": "error"})
    assert "gone_slot" in answer.row("shop.orders")["cause"]


@pytest.mark.parametrize(("minutes", "expected"), [(1, {"": "ok"}), (10, None)])
def test_a_change_to_wal_capture_that_does_not_come_through_is_a_warning(
    shop: Shop, capsys: Capsys, minutes: int, expected: dict[str, str] | None
) -> None:
    shop.create()
    shop.database.query(
        "update pgtrickle.pgt_dependencies set cdc_mode = 'TRANSITIONING', "
        "transition_started_at = now() - make_interval(mins => %s)",
        minutes,
    )
    answer = ask_cdc_health(shop, capsys)
    assert answer.status == 0
    assert verdicts(answer) == (expected or {"transition_blocked": "warn"})


def test_a_buffer_that_grows_is_a_warning(shop: Shop, capsys: Capsys) -> None:
    shop.create()
    name = sql.Identifier(shop.database.params["dbname"])
    with shop.database.connect() as connection:
        connection.execute(
            sql.SQL("alter database {} set pg_trickle.buffer_alert_threshold = 1000").format(name)
        )
    assert verdicts(ask_cdc_health(shop, capsys)) == {"": "ok"}
    shop.database.execute(
        "insert into shop.orders select i, 'x', 1 from generate_series(100, 1200) i"
    )

    def grown() -> bool:
        return verdicts(ask_cdc_health(shop, capsys)) == {"buffer_grows": "warn"}

    until(grown, "1101 changes wait and nobody says so")
    assert ask_cdc_health(shop, capsys).row("shop.orders")["pending_rows"] == 1101


def test_a_column_missing_from_the_catalogs_dependencies_is_an_error(
    shop: Shop, capsys: Capsys
) -> None:
    shop.create()
    shop.database.execute("alter table pgtrickle.pgt_dependencies rename columns_used to moved")
    if shop.database.extension == "pg_trickle":  # its own functions fail without: no verdict
        with pytest.raises(UserError, match="columns_used"):
            ask_cdc_health(shop, capsys)
        return
    answer = ask_cdc_health(shop, capsys)
    assert (answer.status, answer.row("capture")["reason"]) == (1, "unreadable")
    assert "columns_used" in answer.row("capture")["cause"]
