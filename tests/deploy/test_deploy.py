"""`invoke deploy` and `invoke rollback`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.deploy.shop import CHANGED, invoke, open_shop
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database


@pytest.fixture
def shop(database: Database, dbt_project: Callable[..., DbtProject]) -> DbtProject:
    return open_shop(database, dbt_project)


def test_try(shop: DbtProject, database: Database) -> None:
    shop.write({"models/totals.sql": CHANGED})
    print(invoke(shop, "deploy", "--dry-run"))
    print(invoke(shop, "deploy"))
    print(
        database.query(
            "select pgt_schema, pgt_name, status, defining_query, original_query from pgtrickle.pgt_stream_tables"
        )
    )
    r = shop.dbt("run")
    print(r.messages, r.log)
    print(invoke(shop, "rollback"))
    assert 0
