"""A shop in a database of its own, with the manifest that dbt writes for its model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checks.shop import Shop, model, open_shop, scheduler
from tests.support.postgres import Database


@pytest.fixture
def model_config() -> str:
    """What else the model's config says; a test overrides it by parametrizing."""
    return ""


@pytest.fixture
def shop(tmp_path: Path, database: Database, model_config: str) -> Shop:
    """The shop without its stream table."""
    return open_shop(model(model_config), tmp_path / "project", database)


@pytest.fixture
def scheduled(shop: Shop) -> Iterator[Shop]:
    """The shop with a scheduler at work."""
    with scheduler(shop.database):
        yield shop
