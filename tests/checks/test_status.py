"""What the status table says of each stream table."""

from __future__ import annotations

import json
from contextlib import closing

import pytest

from tasklib.catalog.database import connect_to_catalog
from tasklib.catalog.rows import Status
from tasklib.catalog.scope import scope
from tasklib.tasks import history
from tasklib.tasks.freshness import task as freshness
from tasklib.tasks.status import cost, mode, read, show
from tests.checks.shop import Shop


def row(shop: Shop) -> Status:
    with closing(connect_to_catalog(shop.project.environment())) as connection:
        return next(
            r for r in read(scope(shop.project), connection) if r["subject"] == "analytics.totals"
        )


@pytest.mark.parametrize(
    ("asked", "held", "shown"),
    [
        (None, "DIFFERENTIAL", "differential"),
        ("AUTO", "DIFFERENTIAL", "differential"),
        ("AUTO", "FULL", "full (fallback)"),
        ("DIFFERENTIAL", "FULL", "full (asked: differential)"),
        ("FULL", "FULL", "full"),
    ],
)
def test_the_mode_in_effect_is_shown_with_the_one_asked_for(
    asked: str | None, held: str, shown: str
) -> None:
    assert mode({"requested_mode": asked, "refresh_mode": held}) == shown


def test_costs_are_a_sparkline_with_the_last_figure() -> None:
    assert cost([]) == ""
    assert cost([0.0, 0.0]) == "▁▁ <1 ms"
    assert cost([1.0, 8.0, 4.0]) == "▁█▄ 4 ms"


def test_the_last_refresh_tells_how_many_rows_it_changed(shop: Shop) -> None:
    shop.create()
    shop.database.execute("insert into shop.orders values (1000, 'new', 5)")
    shop.database.query("select pgtrickle.refresh_stream_table('analytics.totals')")
    found = row(shop)
    assert found["rows_changed"] == 1
    assert found["schedule"] == "1d"


def test_an_error_is_shown_with_its_cause(shop: Shop) -> None:
    shop.create()
    shop.alter(status="SUSPENDED")
    assert (row(shop)["verdict"], row(shop)["cause"]) == (
        "error", "suspended, and not by its model",
    )  # fmt: skip


def test_a_table_that_is_missing_has_no_age(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    found = row(shop)
    assert (found["reason"], found["age_seconds"]) == ("not_in_database", None)
    freshness.check(shop.project)
    show(shop.project)
    shown = capsys.readouterr().out
    assert (" ago" in shown, "0 s" in shown) == (False, False)


def test_a_refresh_that_the_extension_did_not_measure_has_no_duration(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.create()
    shop.database.query("update pgtrickle.pgt_refresh_history set end_time = start_time")
    assert (row(shop)["costs_ms"], cost(row(shop)["costs_ms"])) == ([], "")
    history.show(shop.project, as_json=True)
    refreshes = json.loads(capsys.readouterr().out)["results"]
    assert {entry["duration_ms"] for entry in refreshes} == {None}
    history.show(shop.project)
    assert " ms" not in capsys.readouterr().out


def test_of_many_refreshes_the_latest_are_shown_and_that_there_are_more(
    shop: Shop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "MOST", 2)
    shop.create()
    for number in range(1000, 1004):
        shop.database.execute(f"insert into shop.orders values ({number}, 'new', 5)")
        shop.database.query("select pgtrickle.refresh_stream_table('analytics.totals')")
    history.show(shop.project)
    told = capsys.readouterr()
    assert (told.out + told.err).count("analytics.totals") == 2
    assert "The latest 2; more by name, or with --json." in told.out + told.err
    history.show(shop.project, as_json=True)
    assert len(json.loads(capsys.readouterr().out)["results"]) >= 4
