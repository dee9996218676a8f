"""What the engines that we configure set, for which version, and what the user's settings do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tasklib.base.errors import UserError
from tasklib.engines.server.presets import presets, server_settings
from tasklib.project.project import find_project
from tests.support.workspace import make

LOSING = {
    "pg_trickle.compact_threshold": "0",
    "pg_trickle.cleanup_use_truncate": "off",
    "pg_trickle.refresh_strategy": "differential",
}


@pytest.mark.parametrize("version", ["0.67.0", "0.92.0", "0.107.9", None, "main"])
def test_what_loses_or_doubles_changes_is_off_below_0_108_and_where_the_version_is_unknown(
    version: str | None,
) -> None:
    assert LOSING.items() <= presets(version).items()


@pytest.mark.parametrize("version", ["0.108.0", "0.108.3", "1.0"])
def test_from_0_108_on_the_version_keeps_its_own_defaults(version: str) -> None:
    assert not LOSING.keys() & presets(version).keys()
    assert "pg_trickle.cdc_mode" not in presets(version)


@pytest.mark.parametrize("version", ["0.67.0", "0.108.3", None])
def test_every_version_has_enough_workers_and_durable_commits(version: str | None) -> None:
    settings = presets(version)
    assert settings["max_worker_processes"] == "32"
    assert settings["synchronous_commit"] == "on"
    assert settings["pg_trickle.parallel_refresh_mode"] == "off"


def project_with(folder: Path, **settings: Any) -> Any:
    make(folder, **settings)
    return find_project(folder)


def test_the_users_settings_win_and_yaml_booleans_become_postgresqls(tmp_path: Path) -> None:
    mine = {"max_worker_processes": 12, "jit": False, "synchronous_commit": True, "work_mem": "1MB"}
    settings = server_settings(project_with(tmp_path, postgres=mine), "0.67.0")
    assert settings["max_worker_processes"] == "12"
    assert (settings["jit"], settings["synchronous_commit"]) == ("off", "on")
    assert settings["work_mem"] == "1MB"
    assert LOSING.items() <= settings.items()


@pytest.mark.parametrize("mistake", [{"port": 5432}, ["work_mem"], "work_mem=1MB"])
def test_settings_that_are_the_engines_or_no_mapping_are_refused(
    tmp_path: Path, mistake: object
) -> None:
    with pytest.raises(UserError, match=r"invoke\.yaml") as raised:
        server_settings(project_with(tmp_path, postgres=mistake), None)
    assert raised.value.exit_code == 2
