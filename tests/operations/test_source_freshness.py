"""dbt's own source freshness on stream tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.checks.shop import Shop, open_shop
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database

FRESHNESS = """
          freshness:
            warn_after: {count: 10, period: minute}
            error_after: {count: 30, period: minute}
"""
SOURCES = f"""
sources:
  - name: analytics
    schema: analytics
    tables:
      - name: totals
        config:
          loaded_at_query: "{{{{ pgtrickle_loaded_at(this) }}}}"{FRESHNESS}
      - name: loaded_at
        loaded_at_field: loaded_at
        config:{FRESHNESS.rstrip()}
            filter: subject = 'analytics.totals'
"""
FILES = {
    "models/sources.yml": SOURCES,
    "models/loaded_at.sql": "{{ config(materialized='view') }} {{ pgtrickle_loaded_at() }}",
}


@pytest.fixture
def shop(database: Database, tmp_path: Path) -> Shop:
    return open_shop(FILES, tmp_path / "project", database)


def statuses(shop: Shop) -> dict[str, str]:
    dbt = DbtProject(shop.project.root, shop.database)
    dbt.dbt("run")
    dbt.dbt("source", "freshness", check=False)
    answer = json.loads((shop.project.root / "target" / "sources.json").read_text())
    return {row["unique_id"].split(".")[-1]: row["status"] for row in answer["results"]}


def test_a_fresh_stream_table_passes_both_ways(shop: Shop) -> None:
    shop.create()
    assert statuses(shop) == {"totals": "pass", "loaded_at": "pass"}


def test_an_immediate_one_passes_however_long_it_is_idle(shop: Shop) -> None:
    shop.create(refresh_mode="IMMEDIATE")
    shop.age("last_refresh_at", "2 hours")
    assert statuses(shop) == {"totals": "pass", "loaded_at": "pass"}


def test_an_old_one_fails_both_ways(shop: Shop) -> None:
    shop.create()
    shop.age("last_refresh_at", "50 minutes")
    assert statuses(shop) == {"totals": "error", "loaded_at": "error"}


def test_a_broken_one_fails_however_lately_it_was_refreshed(shop: Shop) -> None:
    shop.create()
    shop.alter(status="SUSPENDED")
    assert statuses(shop) == {"totals": "error", "loaded_at": "error"}
