"""Waiting until a stream table is populated."""

from __future__ import annotations

import threading

import pytest

from tasklib.base.errors import UserError
from tasklib.tasks.wait import until_populated
from tests.operations.conftest import Chain


def test_a_populated_table_needs_no_waiting(chain: Chain) -> None:
    chain.create_all()
    assert until_populated(chain.project, "spread", 30) == "marts.spread"


def test_it_returns_once_the_table_is_created_and_filled(chain: Chain) -> None:
    def fill() -> None:
        chain.create("select id, amount from shop.orders", "analytics.aside", initialize=False)
        chain.database.query("select pgtrickle.refresh_stream_table('analytics.aside')")

    later = threading.Timer(0.7, fill)
    later.start()
    try:
        assert until_populated(chain.project, "aside", 30) == "analytics.aside"
    finally:
        later.join()


def test_too_late_is_an_error_with_the_remedy(chain: Chain) -> None:
    chain.create("select id, amount from shop.orders", "analytics.aside", initialize=False)
    with pytest.raises(UserError, match=r"not populated after 0\.5 s") as raised:
        until_populated(chain.project, "aside", 0.5)
    assert (raised.value.exit_code, raised.value.remedy) == (1, "invoke refresh aside")


def test_an_unknown_name_is_an_error_at_once(chain: Chain) -> None:
    with pytest.raises(UserError, match="no model and no stream table"):
        until_populated(chain.project, "asside", 600)


def test_before_dbt_has_run_any_name_may_still_come(chain: Chain) -> None:
    (chain.project.root / "target" / "manifest.json").unlink()
    with pytest.raises(UserError, match=r"not populated after 0\.2 s"):
        until_populated(chain.project, "asside", 0.2)


def test_a_broken_table_is_an_error_at_once(chain: Chain) -> None:
    chain.create_all()
    chain.alter(status="SUSPENDED")
    with pytest.raises(UserError, match="suspended"):
        until_populated(chain.project, "totals", 600)
