"""Tables on terminals of every width: no name breaks, nothing is cut off."""

from __future__ import annotations

import pytest
from rich.console import Console
from rich.text import Text

from tasklib.base.table import table
from tasklib.tasks import history, status
from tasklib.tasks.freshness import task as freshness
from tests.checks.shop import Shop

Capsys = pytest.CaptureFixture[str]
TITLES = ("", "stream table", "mode", "schedule", "cause and remedy")
ROWS = [
    ("✗ error", "analytics.customer_lifetime_value", "differential", "1h30m",
     "suspended, and not by its model\n→ invoke resume customer_lifetime_value"),
    ("✓ ok", "analytics.totals", "full", "", ""),
]  # fmt: skip


def shown(width: int, rows: list[tuple[str, ...]] = ROWS) -> str:
    out = Console(width=width, record=True, file=None)
    with out.capture() as captured:
        out.print(table(TITLES, [tuple(map(Text, row)) for row in rows], width))
    return captured.get()


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 160])
def test_no_name_breaks_and_nothing_is_left_out(width: int) -> None:
    text = shown(width)
    for cell in ("analytics.customer_lifetime_value", "analytics.totals", "differential", "1h30m"):
        assert cell in text
    assert "suspended, and not by its model" in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text


def test_where_the_columns_fit_they_stand_side_by_side() -> None:
    assert "stream table" in shown(120).splitlines()[0]
    assert shown(120).count("differential") == 1


def test_where_they_do_not_each_row_stands_by_itself_with_its_titles() -> None:
    assert [line.rstrip() for line in shown(60).splitlines()] == [
        "✗ error  analytics.customer_lifetime_value",
        "  mode differential, schedule 1h30m",
        "  suspended, and not by its model",
        "  → invoke resume customer_lifetime_value",
        "✓ ok  analytics.totals",
        "  mode full",
    ]


def test_what_has_no_prose_needs_no_room_for_it() -> None:
    assert "stream table" in shown(60, [("✓ ok", "analytics.totals", "full", "1d", "")])


@pytest.mark.parametrize("columns", [60, 80])
def test_tasks_keep_names_whole_in_few_columns(
    shop: Shop, capsys: Capsys, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    name = "analytics.customer_lifetime_value_by_region"
    shop.create(name=name)
    shop.database.query(f"select pgtrickle.alter_stream_table('{name}', status => 'SUSPENDED')")
    monkeypatch.setenv("COLUMNS", str(columns))
    freshness.check(shop.project, everything=True)
    status.show(shop.project, everything=True)
    history.show(shop.project, everything=True)
    lines = capsys.readouterr().out.splitlines()
    assert len([line for line in lines if name in line]) >= 3
    assert max(map(len, lines)) <= columns
