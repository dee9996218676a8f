"""Which engine is taken, remembered and left; and the external engine, which only checks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasklib.engines import choice, docker_obstacle
from tasklib.project.project import find_project
from tests.support.postgres import Server
from tests.support.workspace import Workspace, make, workspace


def name_server(made: Workspace, server: Server, database: str, **changes: str) -> None:
    """Write a server into .env, as a user of the external engine does."""
    params = {**server.params, "dbname": database, **changes}
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD",
             "dbname": "PGDATABASE"}  # fmt: skip
    lines = [f"{names[key]}={value}" for key, value in params.items() if key in names]
    (made.root / ".env").write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize("task", [("up", "--engine", "oracle"), ("up",)])
def test_an_engine_that_does_not_exist_is_refused_with_those_that_do(
    project: Workspace, task: tuple[str, ...]
) -> None:
    if len(task) == 1:
        project.configure(engine="oracle")
    output = project.invoke(*task, status=2)
    assert "'oracle' does not exist" in output
    assert "auto, docker, embedded, external" in output


def test_auto_says_why_it_moved_on_and_remembers_its_choice(project: Workspace) -> None:
    output = project.invoke("up")
    assert "Why: auto: No Docker daemon answers" in output
    choice = project.remembered()
    assert (choice["engine"], choice["configured"]) == ("embedded", "auto")
    assert "PGPASSWORD" not in choice["wrote"]
    project.invoke("up")
    assert project.remembered() == choice


@pytest.mark.parametrize(
    ("setting", "value", "reason"),
    [
        ("extension", "pg_trickle_lite", "auto: invoke.yaml asks for pg_trickle_lite"),
        ("archive", "x.tar.gz", "auto: invoke.yaml names a release archive"),
    ],
)
def test_auto_takes_embedded_for_what_no_other_engine_has(
    tmp_path: Path, setting: str, value: str, reason: str
) -> None:
    make(tmp_path / "shop", **{setting: value})
    chosen = choice.choose(find_project(tmp_path / "shop"), "", docker_obstacle)
    assert (chosen.engine, chosen.reason) == ("embedded", reason)


def test_external_without_a_server_says_what_to_write(project: Workspace) -> None:
    project.configure(engine="external")
    output = project.invoke("up", status=2)
    assert "nothing names a server" in output
    assert "PGTRICKLE_DSN=postgresql://" in output
    assert "PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE" in output


def test_external_checks_the_server_of_env_and_starts_nothing(
    project: Workspace, server: Server
) -> None:
    with server.database() as database:
        name_server(project, server, database.params["dbname"])
        project.configure(engine="external")
        before = (project.root / ".env").read_text()
        output = project.invoke("up")
        assert output.startswith("external: PostgreSQL 18")
        assert database.extension in output
        assert "PostgreSQL 18" in project.invoke("status")
        assert "nothing to stop" in project.invoke("down", "--volumes", "--yes")
        assert project.invoke("psql", "--", "-Atc", "select 1") == "1\n"
        assert "no logs on this machine" in project.invoke("logs", status=1)
        assert (project.root / ".env").read_text() == before
        assert not (project.state / "data").exists()
        assert database.value("select 1") == 1


def test_external_takes_the_server_from_the_environment_too(
    project: Workspace, server: Server
) -> None:
    with server.database() as database:
        project.environment = database.env
        assert project.invoke("up", "--engine", "external").startswith("external: PostgreSQL 18")
        assert not (project.root / ".env").exists()


def test_external_misses_the_extension(project: Workspace, server: Server) -> None:
    name_server(project, server, "postgres")
    output = project.invoke("up", "--engine", "external", status=2)
    assert "The database postgres doesn't have the extension" in output
    assert "create extension pg_trickle" in output


def test_external_tells_an_unreachable_server_and_where_it_is_named(
    project: Workspace, server: Server
) -> None:
    name_server(project, server, "postgres", port=str(project.port))
    output = project.invoke("up", "--engine", "external", status=2)
    assert f"127.0.0.1:{project.port}" in output
    assert "PGTRICKLE_DSN or the variables PG… in .env" in output


def test_another_engine_stops_the_former_one_and_its_data_stay(
    project: Workspace, server: Server
) -> None:
    project.invoke("up")
    project.query("create table kept as select 42 as answer")
    assert "still names the server of the engine 'embedded'" in project.invoke(
        "up", "--engine", "external", status=1
    )
    assert project.query("select answer from kept") == [{"answer": 42}]
    kept = (project.root / ".env").read_text()
    with server.database() as database:
        name_server(project, server, database.params["dbname"])
        output = project.invoke("up", "--engine", "external")
        assert "stopped PostgreSQL" in output
        assert f"stay in {project.state / 'data'}" in output
        assert "external:" in project.invoke("up")
        assert "names another server" in project.invoke("up", "--engine", "embedded", status=1)
    (project.root / ".env").write_text(kept)
    assert "Why: asked for with --engine embedded" in project.invoke("up", "--engine", "embedded")
    assert project.query("select answer from kept") == [{"answer": 42}]


def test_a_changed_engine_in_the_settings_ends_a_remembered_choice(
    project: Workspace, server: Server
) -> None:
    with server.database() as database:
        project.environment = database.env
        project.invoke("up", "--engine", "external")
        project.configure(engine="external")
        assert "Why: invoke.yaml says so" in project.invoke("up")


def test_two_projects_with_one_name_have_servers_of_their_own(
    project: Workspace, place: Path
) -> None:
    with workspace(place / "twin") as twin:
        project.invoke("up")
        twin.invoke("up")
        project.query("create table only_here (x int)")
        assert twin.query("select to_regclass('only_here') as found") == [{"found": None}]
        assert twin.server().pid != project.server().pid


@pytest.mark.parametrize("engine", ["docker", "external"])
def test_an_engine_that_can_not_start_leaves_the_former_one_running(
    project: Workspace, engine: str
) -> None:
    project.invoke("up")
    server = project.server().pid
    env = (project.root / ".env").read_text()
    if engine == "external":
        (project.root / ".env").write_text(f"PGHOST=127.0.0.1\nPGPORT={project.port + 1}\n")
    project.invoke("up", "--engine", engine, status=1 if engine == "docker" else 2)
    (project.root / ".env").write_text(env)
    assert project.server().pid == server
    assert "nothing was changed" in project.invoke("up")
