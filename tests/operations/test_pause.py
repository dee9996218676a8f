"""Pausing and resuming by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tasklib.base.errors import UserError
from tasklib.tasks.pause import pause, resume
from tests.operations.conftest import Chain

Capsys = pytest.CaptureFixture[str]


def status(chain: Chain, name: str) -> Any:
    return chain.database.value(
        "select status from pgtrickle.pgt_stream_tables where pgt_name = %s", name
    )


def test_a_paused_one_is_suspended_and_what_reads_it_is_named(chain: Chain, capsys: Capsys) -> None:
    chain.create_all()
    pause(chain.project, ["totals"])
    assert (status(chain, "totals"), status(chain, "spread")) == ("SUSPENDED", "ACTIVE")
    told = capsys.readouterr().out
    assert "analytics.totals is paused, until: invoke resume totals" in told
    assert "stay as they are: analytics.summit, marts.spread" in told


def test_a_resumed_one_is_active_and_holds_what_came_meanwhile(
    chain: Chain, capsys: Capsys
) -> None:
    chain.create_all()
    pause(chain.project, ["totals", "aside"])
    chain.database.execute("insert into shop.orders values (1000, 'new', 5)")
    resume(chain.project, ["totals", "analytics.aside"])
    assert (status(chain, "totals"), status(chain, "aside")) == ("ACTIVE", "ACTIVE")
    assert (chain.count("totals"), chain.count("aside")) == (4, 31)
    assert "analytics.totals is refreshed again." in capsys.readouterr().out


def test_resuming_what_runs_refreshes_it(chain: Chain) -> None:
    chain.create_all()
    chain.database.execute("insert into shop.orders values (1000, 'new', 5)")
    resume(chain.project, ["totals"])
    assert (status(chain, "totals"), chain.count("totals")) == ("ACTIVE", 4)


def test_what_its_refresh_fails_on_is_told_and_leaves_it_as_it_was(chain: Chain) -> None:
    chain.create("select id, 100 / amount as share from shop.orders", "analytics.aside")
    pause(chain.project, ["aside"])
    chain.database.execute("insert into shop.orders values (1000, 'new', 0)")
    with pytest.raises(UserError, match="division by zero") as raised:
        resume(chain.project, ["aside"])
    assert "invoke freshness aside" in raised.value.remedy
    assert status(chain, "aside") == "SUSPENDED"


def test_an_immediate_one_cant_be_paused_and_that_is_said(chain: Chain) -> None:
    chain.create("select id, amount from shop.orders", "analytics.aside", refresh_mode="IMMEDIATE")
    with pytest.raises(UserError, match="is IMMEDIATE"):
        pause(chain.project, ["aside"])
    assert status(chain, "aside") == "ACTIVE"


def test_one_without_its_source_needs_a_run(chain: Chain) -> None:
    chain.create_all()
    chain.database.execute("drop table shop.orders")
    with pytest.raises(UserError, match="was dropped or replaced") as raised:
        resume(chain.project, ["totals"])
    assert raised.value.remedy == "invoke run --select totals"


@pytest.mark.parametrize("act", [pause, resume])
@pytest.mark.parametrize(
    ("names", "cause"),
    [
        ([], "None is named"),
        (["totals", "tootals"], "tootals: no model and no stream table"),
        (["totals", "summit"], "analytics.summit: a model of this project that is not in"),
    ],
)
def test_a_name_too_few_or_unknown_changes_nothing(
    chain: Chain, act: Callable[..., None], names: list[str], cause: str
) -> None:
    chain.create("select id, amount from shop.orders", "analytics.totals")
    chain.alter(status="ACTIVE")
    with pytest.raises(UserError, match=cause) as raised:
        act(chain.project, names)
    assert (raised.value.exit_code, status(chain, "totals")) == (2, "ACTIVE")
