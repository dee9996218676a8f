"""The report: one small file, nothing from the network, everything that matters in it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from tasklib.base.errors import UserError
from tasklib.tasks.report import page, write
from tasklib.tasks.report.chart import bars, over_time
from tasklib.tasks.report.graph import graph
from tasklib.tasks.report.svg import COLOURS
from tests.checks.shop import Shop
from tests.support.postgres import ROOT

BOX = re.compile(r"<rect x='(\d+)' y='(\d+)' width='(\d+)' height='(\d+)'")


def test_the_report_tells_health_and_cause_and_opens_offline(shop: Shop, tmp_path: Path) -> None:
    shop.create()
    shop.create("select customer from analytics.totals", "analytics.reader")
    shop.alter(status="SUSPENDED")
    written = write(shop.project, tmp_path / "report.html", everything=True)
    body = written.read_text()
    assert "suspended, and not by its model" in body
    assert "it reads analytics.totals, which is not fresh" in body
    assert body.count("<svg") >= 2
    assert not re.search(r"<(?:script|link|img|iframe)|url\(|@import|https?:", body)
    assert written.stat().st_size < 50_000


def test_names_are_shown_as_text(shop: Shop, tmp_path: Path) -> None:
    shop.create()
    shop.database.query(
        "update pgtrickle.pgt_stream_tables set status = 'ERROR', last_error_message = %s",
        "<img src=x>",
    )
    text = write(shop.project, tmp_path / "report.html").read_text()
    assert "&lt;img src=x&gt;" in text
    assert "<img" not in text


def test_the_graph_leads_from_tables_over_views_to_stream_tables_and_views_on_them(
    shop: Shop, tmp_path: Path
) -> None:
    shop.database.execute(
        "create view shop.latest as select * from shop.orders; "
        "create view shop.open as select * from shop.latest"
    )
    shop.create("select customer, count(*) as orders from shop.open group by customer")
    shop.database.execute("create view analytics.shown as select customer from analytics.totals")
    text = write(shop.project, tmp_path / "report.html").read_text()
    chain = ["shop.orders", "shop.latest", "shop.open", "analytics.totals", "analytics.shown"]
    drawn = text.split("What reads what")[1].split("<h2>")[0]
    places = {name: int(re.search(rf"<text x='(\d+)'[^>]*>{name}<", drawn)[1]) for name in chain}  # type: ignore[index]
    assert sorted(places.values()) == [places[name] for name in chain]
    assert drawn.count("<path") == len(chain) - 1


def test_with_many_tables_no_label_lies_on_another() -> None:
    relations = [
        {"relid": number, "kind": "stream table", "subject": f"analytics.table_{'x' * number}",
         "reads": [number % 7] if number > 6 else []}
        for number in range(40)
    ]  # fmt: skip
    boxes = [tuple(map(int, found)) for found in BOX.findall(graph(relations, {}))]
    assert len(boxes) == 40
    for at, (x, y, width, height) in enumerate(boxes):
        for other_x, other_y, other_width, other_height in boxes[:at]:
            apart_across = x + width < other_x or other_x + other_width < x
            assert apart_across or y + height < other_y or other_y + other_height < y
    widest = max(relations, key=lambda row: len(row["subject"]))["subject"]
    assert max(width for _, _, width, _ in boxes) > 7 * len(widest)


def test_a_circle_of_views_and_tables_is_drawn_too() -> None:
    relations = [
        {"relid": 1, "kind": "stream table", "subject": "a.b", "reads": [2]},
        {"relid": 2, "kind": "stream table", "subject": "a.c", "reads": [1]},
    ]
    assert graph(relations, {}).count("<rect") == 2


def test_nothing_is_green_and_what_was_not_judged_has_no_verdicts_colour() -> None:
    relations = [
        {"relid": 1, "kind": "table", "subject": "shop.orders", "reads": []},
        {"relid": 2, "kind": "stream table", "subject": "a.unknown", "reads": [1]},
    ]
    boxes = graph(relations, {"shop.orders": {"verdict": "ok", "cause": ""}}).split("<p class")[0]
    assert {c for c in COLOURS.values() if c in boxes} == {COLOURS[""]}
    for colour in COLOURS.values():
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        assert green <= max(red, blue)


def test_thousands_of_points_stay_a_small_file() -> None:
    begin = datetime(2026, 1, 1, tzinfo=timezone.utc)
    line = [(begin + timedelta(minutes=at), float(at % 50)) for at in range(200)]
    drawn = over_time({f"analytics.t{number}": line for number in range(30)}, str)
    assert len(drawn) < 150_000
    assert drawn.count("<polyline") == 30


def test_without_a_figure_it_says_so() -> None:
    assert over_time({}, str) == bars({}, str) == "<p>Nothing is known.</p>"


def test_a_folder_that_is_not_there_is_told(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nowhere"):
        write(shop.project, tmp_path / "nowhere" / "report.html")


def test_a_generated_project_keeps_its_report_out_of_git() -> None:
    assert "/report.html" in (ROOT / "template" / ".gitignore").read_text().splitlines()


def test_of_many_the_worst_and_the_highest_are_drawn_and_no_edge_leads_nowhere() -> None:
    rows = [{"relid": n, "subject": f"t{n}", "reads": [n - 1] if n else []} for n in range(6)]
    kept = page._beside(rows, {"t5", "t2"})
    assert {row["relid"]: row["reads"] for row in kept} == {1: [], 2: [1], 4: [], 5: [4]}
    values = {f"t{n}": n for n in range(100)}
    highest = page._highest(values, float)
    assert list(highest.values()) == list(range(60, 100))
