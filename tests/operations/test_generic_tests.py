"""The generic tests stream_table_healthy and stream_table_matches_query."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.checks import situations
from tests.checks.shop import Shop, model, open_shop, scheduler, spoil
from tests.support.dbt_project import DbtProject, DbtResult
from tests.support.postgres import Database

YAML = """
models:
  - name: totals
    data_tests:
      - stream_table_healthy
      - stream_table_matches_query
"""


@pytest.fixture
def shop(database: Database, tmp_path: Path, model_config: str) -> Iterator[Shop]:
    files = {**model(model_config), "models/schema.yml": YAML}
    made = open_shop(files, tmp_path / "project", database)
    with scheduler(database):
        yield made


@pytest.fixture
def model_config() -> str:
    return ""


def results(shop: Shop) -> tuple[str, str]:
    """What dbt test says of (healthy, matches)."""
    nodes = DbtProject(shop.project.root, shop.database).dbt("test", check=False).nodes
    return (
        nodes["stream_table_healthy_totals_"],
        nodes["stream_table_matches_query_totals_"],
    )


@pytest.mark.parametrize(
    ("arrange", "expected"),
    [
        (situations.healthy, ("pass", "pass")),
        (situations.immediate_idle, ("pass", "pass")),
        (situations.suspended, ("fail", "fail")),
        (situations.never_populated, ("fail", "fail")),
        (situations.nothing, ("fail", "fail")),
        (situations.wrong_rows, ("pass", "fail")),
    ],
)
def test_the_tests_pass_and_fail_where_the_checks_do(
    shop: Shop, arrange: Callable[[Shop], None], expected: tuple[str, str]
) -> None:
    arrange(shop)
    assert results(shop) == expected


@pytest.mark.parametrize("model_config", [", status='PAUSED'"])
def test_a_table_paused_by_its_model_is_a_warning(shop: Shop) -> None:
    situations.suspended(shop)
    assert results(shop) == ("warn", "warn")


def test_changes_that_wait_for_a_refresh_do_not_fail_the_comparison(shop: Shop) -> None:
    shop.create()
    shop.database.execute("insert into shop.orders values (1000, 'new', 5)")
    assert results(shop)[1] == "pass"


def told(shop: Shop, *words: str) -> DbtResult:
    return DbtProject(shop.project.root, shop.database).dbt("test", *words, check=False)


def test_a_difference_is_told_with_table_reason_count_and_example(shop: Shop) -> None:
    shop.create("select id, amount from shop.orders")
    spoil(shop, "update analytics.totals set amount = 77 where id < 3")
    spoil(shop, "delete from analytics.totals where id = 9")
    result = told(shop, "--store-failures", "--select", "test_name:stream_table_matches_query")
    assert "Got 5 results" in result.messages["stream_table_matches_query_totals_"]
    assert "ERROR analytics.totals: 3 rows missing, such as {" in result.log
    assert "ERROR analytics.totals: 2 rows extra, such as {" in result.log
    assert "invoke verify totals --repair" in result.log
    stored = shop.database.query(
        "select stream_table, reason, count, example "
        "from analytics_dbt_test__audit.stream_table_matches_query_totals_ order by reason"
    )
    assert [(r["stream_table"], r["reason"], r["count"]) for r in stored] == [
        ("analytics.totals", "extra", 2), ("analytics.totals", "missing", 3),
    ]  # fmt: skip
    assert stored[0]["example"]["amount"] == 77


def test_an_unhealthy_table_is_told_with_its_cause(shop: Shop) -> None:
    situations.suspended(shop)
    result = told(shop, "--select", "test_name:stream_table_healthy")
    assert "Got 1 result" in result.messages["stream_table_healthy_totals_"]
    assert "ERROR analytics.totals: suspended" in result.log


def test_what_holds_is_told_nothing_of(shop: Shop) -> None:
    shop.create()
    result = told(shop)
    assert (result.success, "analytics.totals" in result.log) == (True, False)
