"""`.envrc` and `invoke env`: plain programs in a shell find the connection as the tasks have it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.postgres import ROOT
from tests.support.warm import programs
from tests.support.workspace import make

PASSWORD = 'it\'s $HOME `id` "x" \\ end'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the template's .envrc, on a server that its .env names."""
    make(tmp_path / "my shop", engine="external")
    shutil.copy(ROOT / "template" / ".envrc", tmp_path / "my shop")
    return tmp_path / "my shop"


def variables(project: Path, **before: str) -> dict[str, str]:
    """What a shell has after it has read .envrc."""
    done = subprocess.run(
        ["bash", "-c", "source .envrc; env -0"], cwd=project, capture_output=True, check=True,
        env={"PATH": f"{programs()}:{os.environ['PATH']}", "HOME": "/nonexistent", **before},
    )  # fmt: skip
    assert not done.stderr, done.stderr
    lines = done.stdout.decode().rstrip("\0").split("\0")
    return dict(line.split("=", 1) for line in lines)


def test_a_shell_gets_what_the_tasks_have(project: Path) -> None:
    quoted = PASSWORD.replace("\\", "\\\\").replace("'", "\\'")
    (project / ".env").write_text(
        f"PGHOST=db.example.com\nPGUSER=anna\nPGPASSWORD='{quoted}'\nDBT_SCHEMA=analytics_anna\n"
    )
    found = variables(project, PGHOSTADDR="10.0.0.1", PGHOST="elsewhere")
    assert found["PGHOST"] == "db.example.com" and found["PGPORT"] == "5432"
    assert found["PGPASSWORD"] == PASSWORD
    assert found["DBT_SCHEMA"] == "analytics_anna"
    assert found["DBT_PROFILES_DIR"] == found["DBT_PROJECT_DIR"] == str(project)
    assert "PGHOSTADDR" not in found


def test_a_line_that_names_the_server_whole_is_taken_apart(project: Path) -> None:
    (project / ".env").write_text(
        "PGTRICKLE_DSN=postgresql://anna:secret@db.example.com:6432/shop?sslmode=require\n"
    )
    found = variables(project)
    names = ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE", "PGSSLMODE")
    assert [found[name] for name in names] == [
        "db.example.com", "6432", "anna", "secret", "shop", "require",
    ]  # fmt: skip


def test_before_there_is_a_database_only_the_folders_are_told(project: Path) -> None:
    found = variables(project)
    assert not [name for name in found if name.startswith("PG")]
    assert found["DBT_PROFILES_DIR"] == str(project)
