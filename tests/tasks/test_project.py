"""How a task finds its project, its settings and its environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasklib.base.errors import UserError
from tasklib.project.project import find_project


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "dbt_project.yml").write_text("name: shop\n")
    configure(tmp_path, "pgtrickle: {slug: shop, schema: s, port: 6543, database: d}\n")
    return tmp_path


def configure(root: Path, text: str) -> None:
    (root / "invoke.yaml").write_text(text)


def test_the_project_is_found_from_a_sub_folder(root: Path) -> None:
    below = root / "models" / "marts"
    below.mkdir(parents=True)
    found = find_project(below)
    assert (found.root, found.slug, found.schema) == (root, "shop", "s")
    assert (found.engine, found.port, found.version, found.database) == (
        "auto", 6543, "latest", "d",
    )  # fmt: skip


def test_outside_of_a_project_the_remedy_is_to_change_into_one(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not inside a project") as caught:
        find_project(tmp_path)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("text", ["", "a: b", "- pgtrickle", "pgtrickle: 3", "pgtrickle: [", "{"])
def test_settings_that_are_none_are_told(root: Path, text: str) -> None:
    configure(root, text)
    with pytest.raises(UserError, match=r"invoke\.yaml"):
        find_project(root)


@pytest.mark.parametrize("port", ["0", "65536", "-1", "5433.5", "'5433 '", "true", "x", "²"])
def test_a_port_that_is_none_is_told(root: Path, port: str) -> None:
    configure(root, f"pgtrickle: {{port: {port}}}\n")
    with pytest.raises(UserError, match="is not a port"):
        find_project(root)


def test_invokes_own_variables_override_the_settings(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INVOKE_PGTRICKLE_PORT", "7777")
    assert find_project(root).port == 7777


def test_env_overrides_the_environment_and_everything_else_is_kept(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("OTHER", "kept")
    (root / ".env").write_text("PGPORT=2\n")
    environment = find_project(root).environment()
    assert (environment["PGPORT"], environment["OTHER"]) == ("2", "kept")


def test_variables_of_another_server_do_not_redirect_the_one_that_env_names(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGHOSTADDR", "10.0.0.1")
    monkeypatch.setenv("PGSERVICE", "production")
    # nor before it names any: the shell's is not the project's own
    assert "PGSERVICE" not in find_project(root).environment()
    (root / ".env").write_text("PGHOST=127.0.0.1\nPGSSLMODE=require\n")
    environment = find_project(root).environment()
    assert not {"PGHOSTADDR", "PGSERVICE"} & set(environment)
    assert environment["PGSSLMODE"] == "require"
