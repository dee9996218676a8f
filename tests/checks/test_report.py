"""The report: one file, nothing from the network, everything that matters in it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tasklib.errors import UserError
from tasklib.report import write
from tests.checks.shop import Shop


def test_the_report_tells_health_and_cause_and_opens_offline(shop: Shop, tmp_path: Path) -> None:
    pytest.importorskip("plotly", reason="the report's optional package is not installed")
    shop.create()
    shop.create("select customer from analytics.totals", "analytics.reader")
    shop.alter(status="SUSPENDED")
    text = write(shop.project, tmp_path / "report.html", everything=True).read_text()
    body = re.sub(r"<script>.*?</script>", "", text, count=1, flags=re.S)
    assert "suspended, and not by its model" in body
    assert "it reads analytics.totals, which is not fresh" in body
    assert body.count("plotly-graph-div") >= 4
    assert not re.search(r"<(?:script|link|img)[^>]+(?:src|href)=", text[:500] + body)


def test_names_are_shown_as_text(shop: Shop, tmp_path: Path) -> None:
    pytest.importorskip("plotly", reason="the report's optional package is not installed")
    shop.create()
    shop.database.query(
        "update pgtrickle.pgt_stream_tables set status = 'ERROR', last_error_message = %s",
        "<img src=x>",
    )
    text = write(shop.project, tmp_path / "report.html").read_text()
    assert "&lt;img src=x&gt;" in text
    assert "fails: <img src=x>" not in text


def test_without_plotly_it_says_what_to_install(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "plotly", None)
    with pytest.raises(UserError, match="needs the package plotly") as raised:
        write(shop.project, tmp_path / "report.html")
    assert (raised.value.exit_code, raised.value.remedy) == (2, "pip install plotly")
