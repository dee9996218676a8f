"""Every check in every situation: the verdict that it has to give."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checks.shop import (
    Shop,
    ask_cdc_health,
    ask_freshness,
    ask_verify,
    model,
    open_shop,
    scheduler,
)
from tests.checks.situations import SITUATIONS, Situation
from tests.support.postgres import Database


@pytest.fixture(params=list(SITUATIONS))
def situation(request: pytest.FixtureRequest) -> Situation:
    return SITUATIONS[request.param]


@pytest.fixture
def arranged(situation: Situation, tmp_path: Path, database: Database) -> Iterator[Shop]:
    shop = open_shop(model(situation.config), tmp_path / "project", database)
    with scheduler(database) if situation.needs_scheduler else contextlib.nullcontext():
        situation.arrange(shop)
        yield shop


def test_checks_give_the_right_verdict(
    situation: Situation, arranged: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    fresh = ask_freshness(arranged, capsys, situation.asked)
    worst = fresh.document["results"][0]
    assert (worst["verdict"], worst["reason"]) == situation.freshness, fresh.document
    assert fresh.status == (worst["verdict"] == "error")
    captured = ask_cdc_health(arranged, capsys)
    rows = captured.document["results"] or [{"verdict": "ok", "reason": ""}]
    assert (rows[0]["verdict"], rows[0]["reason"]) == situation.cdc, captured.document
    assert captured.status == (rows[0]["verdict"] == "error")
    compared = ask_verify(arranged, capsys, [situation.asked] if situation.asked else [])
    worst = compared.document["results"][0]
    assert (worst["verdict"], worst["reason"]) == situation.verify, worst["cause"]
    assert compared.status == (worst["verdict"] == "error")
    answers = (fresh, captured, compared)
    for row in [row for answer in answers for row in answer.document["results"]]:
        assert row["verdict"] != "error" or (row["cause"] and row["remedy"]), row
