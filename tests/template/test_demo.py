"""`invoke demo`: refuses where it has nothing to show, and fails when nothing follows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasklib.tasks.demo import task as demo
from tasklib.base import env_file
from tasklib.base.errors import UserError
from tasklib.project.project import find_project
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database
from tests.template.helpers import copy_project


def refusal(root: Path, database: Database) -> UserError:
    env_file.update(root / ".env", database.env)
    with pytest.raises(UserError) as caught:
        demo.run(find_project(root), seconds=1)
    assert caught.value.exit_code == 2
    return caught.value


def test_demo_without_the_sample_says_how_to_get_it(tmp_path: Path, database: Database) -> None:
    error = refusal(copy_project(tmp_path / "plain", sample_models="no"), database)
    assert "no sample shop" in error.cause and "Generate a project" in error.remedy


def test_demo_before_the_build_says_so(tmp_path: Path, database: Database) -> None:
    root = copy_project(tmp_path / "shop")
    error = refusal(root, database)
    assert "no analytics." in error.cause and error.remedy.endswith("invoke build")
    env_file.update(root / ".env", {"DBT_SCHEMA": "analytics_anna"})
    assert "no analytics_anna." in refusal(root, database).cause


def test_demo_fails_when_a_stream_table_does_not_follow(
    shop: DbtProject, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its stream tables are due every twelve hours, so none of them follows in time."""
    monkeypatch.setattr(demo, "PATIENCE", 0.5)
    with pytest.raises(UserError, match="did not follow") as caught:
        demo.run(find_project(shop.root), seconds=3)
    assert caught.value.exit_code == 1
    assert "followed" not in capsys.readouterr().out
