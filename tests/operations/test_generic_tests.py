"""The generic tests stream_table_healthy and stream_table_matches_query."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.checks import situations
from tests.checks.shop import QUERY, Shop, open_shop, scheduler
from tests.support.dbt_project import DbtProject, make_project
from tests.support.postgres import Database, Server

YAML = """
models:
  - name: totals
    data_tests:
      - stream_table_healthy
      - stream_table_matches_query
"""


@pytest.fixture(scope="session")
def parsed_tests(tmp_path_factory: pytest.TempPathFactory, server: Server) -> Callable[[str], Path]:
    folders: dict[str, Path] = {}

    def parse(config: str) -> Path:
        if config not in folders:
            root = tmp_path_factory.mktemp("tests")
            model = f"{{{{ config(materialized='stream_table'{config}) }}}}\n{QUERY}"
            nowhere = Database({**server.params, "dbname": "postgres"}, server.extension)
            files = {"models/totals.sql": model, "models/schema.yml": YAML}
            make_project(root, nowhere, files).dbt("parse")
            folders[config] = root
        return folders[config]

    return parse


@pytest.fixture
def shop(
    database: Database, tmp_path: Path, parsed_tests: Callable[[str], Path], model_config: str
) -> Iterator[Shop]:
    made = open_shop(parsed_tests(model_config), tmp_path / "project", database)
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
