"""Real input: 336,776 flights, stream tables over them, changes, and a comparison after each."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasklib.base import env_file
from tasklib.project.project import find_project
from tasklib.tasks.refresh import refresh
from tests.flights import data
from tests.flights.models import MODELS, SOURCES
from tests.flights.steps import STEPS, play
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database
from tests.template.helpers import copy_project, differences


@pytest.fixture
def flights(tmp_path: Path, database: Database) -> DbtProject:
    """A generated project with models over the loaded data, built by dbt."""
    data.load(database)
    root = copy_project(
        tmp_path / "flights", project_slug="flights", dbt_schema="flights", sample_models="no"
    )
    env_file.update(root / ".env", database.env)
    project = DbtProject(root, database)
    # so rarely that no scheduler refreshes between a change and the test's own refresh
    settings = (root / "dbt_project.yml").read_text().replace("+schedule: 1m", "+schedule: 12h")
    project.write({"dbt_project.yml": settings, "models/sources/sources.yml": SOURCES})
    project.write({f"models/marts/{name}.sql": query for name, query in MODELS.items()})
    project.dbt("run")
    return project


def test_stream_tables_equal_their_queries_after_every_change(flights: DbtProject) -> None:
    for table, rows in data.ROWS.items():
        assert flights.database.value(f"select count(*) from nyc.{table}") == rows
    for name in MODELS:
        assert flights.database.value(f"select count(*) from flights.{name}") > 0, name
    assert differences(flights) == []

    project = find_project(flights.root)
    taken = 0
    for step in play(flights.database):
        assert taken or differences(flights), "a change must show before the first refresh"
        assert refresh(project) == 0, step
        assert differences(flights) == [], step
        taken += 1
    assert taken == len(STEPS) >= 10
