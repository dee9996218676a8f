"""The sample shop, built on this test's database."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasklib.base import env_file
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database
from tests.template.helpers import copy_project


@pytest.fixture
def shop(tmp_path: Path, database: Database) -> DbtProject:
    """The sample, its seeds loaded and its models built."""
    root = copy_project(tmp_path / "shop")
    env_file.update(root / ".env", database.env)
    # so rarely that no scheduler refreshes between a change and the test's own refresh
    settings = (root / "dbt_project.yml").read_text().replace("+schedule: 2s", "+schedule: 12h")
    ranking = root / "models/marts/shop/customer_ranking.sql"
    ranking.write_text(ranking.read_text().replace(", schedule='5s'", ""))
    follower = root / "models/marts/shop/loyal_customers.sql"
    follower.write_text(follower.read_text().replace("{{ config(schedule='calculated') }}", ""))
    project = DbtProject(root, database)
    project.write({"dbt_project.yml": settings})
    project.dbt("seed")
    project.dbt("run")
    return project
