"""Fixtures for every test: a server for the session, a database and a dbt project for each test."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.dbt_project import DbtProject, make_project
from tests.support.postgres import ENGINES, Database, Server, running_server
from tests.support.temporary import use_memory
from tests.support.workspace import NO_RELEASE

use_memory()

# Whatever the tests start takes the stand-in, with internet too, unless it asks for another page.
os.environ["PGTRICKLE_RELEASE_URL"] = NO_RELEASE

# Started in the background, a shell has us ignore Ctrl-C, and whatever the tests start would too.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the tests' databases are, and what becomes of the server."""
    parser.addoption("--engine", choices=ENGINES, help="Default: by PGTRICKLE_TEST_DSN")
    parser.addoption("--keep-database", action="store_true", help="Leave the server running")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what takes long and differs little from what runs, unless it is asked for."""
    if not os.environ.get("PGTRICKLE_LONG_TESTS"):
        reason = "takes long; PGTRICKLE_LONG_TESTS=1 runs it"
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_collection_finish() -> None:
    """Search for garbage seldom, and not in what is kept: each dbt command makes many objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 50)


@pytest.fixture(autouse=True)
def _environment_as_it_was() -> Iterator[None]:
    """What a task puts into the environment for dbt in the same process is gone with its test."""
    before = dict(os.environ)
    yield
    for name in os.environ.keys() - before.keys():
        del os.environ[name]
    os.environ.update(before)


@pytest.fixture(scope="session")
def server(pytestconfig: pytest.Config) -> Iterator[Server]:
    """PostgreSQL 18 with pg_trickle_lite, or what PGTRICKLE_TEST_DSN names with pg_trickle."""
    engine, keep = pytestconfig.getoption("engine"), pytestconfig.getoption("keep_database")
    with running_server(engine, keep=keep) as running:
        yield running


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    """An empty database with the extension created in it."""
    with server.database() as fresh:
        yield fresh


@pytest.fixture
def dbt_project(tmp_path: Path, database: Database) -> Callable[..., DbtProject]:
    """A function that makes a dbt project from its files, bound to this test's database."""

    def make(files: Mapping[str, str], **settings: Any) -> DbtProject:
        project = make_project(tmp_path, database, files, **settings)
        project.artifacts = False
        return project

    return make
