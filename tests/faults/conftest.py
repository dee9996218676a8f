"""The shop of tests/checks, in a database where somebody else builds stream tables, too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checks.shop import Shop, model, open_shop
from tests.faults.intruder import Intruder, intruder_in
from tests.support.postgres import Database


@pytest.fixture
def shop(tmp_path: Path, database: Database) -> Shop:
    """The superuser's shop with its stream table."""
    made = open_shop(model(), tmp_path / "project", database)
    made.create()
    return made


@pytest.fixture
def intruder(shop: Shop) -> Iterator[Intruder]:
    """A low role with the rights that building stream tables takes."""
    with intruder_in(shop.database) as made:
        yield made
