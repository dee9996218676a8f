"""The report as a browser shows it: drawn, without a network, without a complaint."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasklib.tasks.report import write
from tasklib.tasks.report.svg import COLOURS
from tests.checks.shop import Shop
from tests.support.chromium import SCALE, Shown, pixels, show

TITLES = (
    "Health", "What reads what", "Staleness over time", "Duration of refreshes", "Rows changed",
    "Changes that wait at the sources", "Errors of refreshes",
)  # fmt: skip


@pytest.fixture
def shown(shop: Shop, tmp_path: Path) -> Iterator[Shown]:
    shop.create(name="analytics.totals")
    shop.create("select customer from analytics.totals", "analytics.reader")
    shop.create("select id, amount from shop.orders", "analytics.apart")
    for number in range(1000, 1005):
        shop.database.execute(f"insert into shop.orders values ({number}, 'new', 5)")
        for name in ("totals", "apart"):
            shop.database.query(f"select pgtrickle.refresh_stream_table('analytics.{name}')")
    shop.database.execute(
        "update pgtrickle.pgt_refresh_history set start_time = start_time - interval '1 hour' "
        "* (select count(*) from pgtrickle.pgt_refresh_history later "
        "where later.refresh_id > pgt_refresh_history.refresh_id); "
        "update pgtrickle.pgt_stream_tables set status = 'ERROR', "
        "last_error_message = 'division by zero' where pgt_name = 'totals'"
    )
    yield show(write(shop.project, tmp_path / "report.html", everything=True), tmp_path)


def test_the_report_is_drawn_offline_without_a_complaint_and_is_no_blank_page(
    shown: Shown,
) -> None:
    texts = set(re.findall(r"<text[^>]*>(?:<tspan[^>]*>)?([^<]+)", shown.dom))
    assert texts >= {"analytics.totals", "analytics.reader", "analytics.apart", "shop.orders"}
    assert [title for title in TITLES if title not in shown.dom] == []
    assert shown.dom.count("<svg") == 4
    assert "division by zero" in shown.dom.split("Errors of refreshes")[-1]
    assert shown.console == []
    assert shown.requests == set()
    width, height, colours = pixels(shown.screenshot)
    assert (width, height) == (round(1100 * SCALE), round(2600 * SCALE))
    for verdict in ("ok", "error"):
        assert colours.get(bytes.fromhex(COLOURS[verdict][1:]), 0) > 10, verdict
    drawn = sum(colours.values()) - max(colours.values())
    assert drawn > 0.01 * width * height
    assert len(colours) > 50
