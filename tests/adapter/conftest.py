"""The fixtures of dbt-tests-adapter, on the tests' own server and with our macros in each project."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import yaml
from psycopg import sql

from tests.support.postgres import ROOT, Server

pytest.importorskip(
    "dbt.tests.fixtures.project", reason="dbt-tests-adapter is for dbt 1.11 and later alone"
)
from dbt.adapters.factory import reset_adapters
from dbt.tests.fixtures.project import *
from dbt_common.context import set_invocation_context

# what the suites of grants give rights to
ROLES = {f"DBT_TEST_USER_{n}": f"dbt_test_user_{n}" for n in (1, 2, 3)}
FOLDER = "pgtrickle"


@pytest.fixture(scope="class")
def environment() -> Iterator[Mapping[str, str]]:
    """The process's own, with the names of the roles."""
    os.environ.update(ROLES)
    yield os.environ
    for name in ROLES:
        os.environ.pop(name, None)


@pytest.fixture(scope="class")
def initialization(environment: Mapping[str, str]) -> None:
    """As theirs, without its cache: other tests run in this process too, and leave an adapter."""
    set_invocation_context(environment)
    reset_adapters()


@pytest.fixture(scope="class")
def dbt_profile_target(server: Server) -> Iterator[dict[str, Any]]:
    """A database of its own on the tests' server."""
    with server.database() as fresh, fresh.connect() as admin:
        for role in map(sql.Identifier, ROLES.values()):
            admin.execute(sql.SQL("drop role if exists {}").format(role))
            admin.execute(sql.SQL("create role {}").format(role))
        params = fresh.params
        yield {
            "type": "postgres", "threads": 4, "host": params["host"], "port": int(params["port"]),
            "user": params["user"], "password": params.get("password", ""), "dbname": params["dbname"],
        }  # fmt: skip
        for role in map(sql.Identifier, ROLES.values()):
            admin.execute(sql.SQL("drop owned by {}").format(role))
            admin.execute(sql.SQL("drop role {}").format(role))


@pytest.fixture(scope="class")
def dbt_project_yml(project_root: Any, project_config_update: Any) -> dict[str, Any]:
    """As theirs, with the package's macros bundled as a generated project has them.

    on-run-end isn't said: dbt counts a hook among the results, and so do the suites.
    """
    shutil.copytree(ROOT / "macros", project_root / FOLDER)
    updates = project_config_update or {}
    config = {
        "name": "test",
        "profile": "test",
        "flags": {"send_anonymous_usage_stats": False},
        "macro-paths": ["macros", FOLDER],
        **(yaml.safe_load(updates) if isinstance(updates, str) else updates),
    }
    project_root.join("dbt_project.yml").write(yaml.safe_dump(config))
    return config
