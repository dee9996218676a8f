"""A shop in a database of its own, with the manifest that dbt writes for its model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.checks.shop import QUERY, Shop, open_shop, scheduler
from tests.support.dbt_project import make_project
from tests.support.postgres import Database, Server

Parsed = Callable[[str], Path]


@pytest.fixture(scope="session")
def parsed(tmp_path_factory: pytest.TempPathFactory, server: Server) -> Parsed:
    """A function that gives the project that dbt parsed, its model with a given config line."""
    folders: dict[str, Path] = {}

    def parse(config: str) -> Path:
        if config not in folders:
            root = tmp_path_factory.mktemp("project")
            model = f"{{{{ config(materialized='stream_table'{config}) }}}}\n{QUERY}"
            nowhere = Database({**server.params, "dbname": "postgres"}, server.extension)
            make_project(root, nowhere, {"models/totals.sql": model}).dbt("parse")
            folders[config] = root
        return folders[config]

    return parse


@pytest.fixture
def model_config() -> str:
    """What else the model's config says; a test overrides it by parametrizing."""
    return ""


@pytest.fixture
def shop(tmp_path: Path, database: Database, parsed: Parsed, model_config: str) -> Shop:
    """The shop without its stream table."""
    return open_shop(parsed(model_config), tmp_path / "project", database)


@pytest.fixture
def scheduled(shop: Shop) -> Iterator[Shop]:
    """The shop with a scheduler at work."""
    with scheduler(shop.database):
        yield shop
