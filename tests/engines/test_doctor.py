"""`invoke doctor`: the whole situation on one screen, whatever is broken."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.postgres import Server
from tests.support.workspace import Workspace, open_folder, workspace

COMPLETE = "_commit: v1.2.3\n_src_path: https://secret@example.com/template\n"


def complete(made: Workspace) -> None:
    """Give a project what copier gives a generated one, beside what the tasks need."""
    made.write_profiles()
    (made.root / ".copier-answers.yml").write_text(COMPLETE)


@pytest.fixture(scope="module", autouse=True)
def wide() -> Iterator[None]:
    """A terminal in which no cause takes a second line."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "250")
        yield


@pytest.fixture(scope="module")
def healthy() -> Iterator[Workspace]:
    with open_folder() as folder, workspace(folder / "mein größerer shop") as made:
        complete(made)
        made.invoke("up")
        yield made


@pytest.fixture(scope="module")
def shown(healthy: Workspace) -> str:
    """What doctor shows of a healthy project."""
    return healthy.invoke("doctor")


@contextlib.contextmanager
def broken(file: Path, change: Callable[[str], str]) -> Iterator[None]:
    """A file with another text for a while."""
    text = file.read_text()
    file.write_text(change(text))
    try:
        yield
    finally:
        file.write_text(text)


def results(made: Workspace, status: int) -> dict[str, dict[str, str]]:
    found = json.loads(made.invoke("doctor", "--json", status=status))["results"]
    return {row["subject"]: row for row in found}


def test_a_project_that_is_fine_fits_one_screen(healthy: Workspace, shown: str) -> None:
    lines = shown.splitlines()
    assert 24 <= len(lines) <= 40
    assert all(line.startswith("✓") for line in lines[:-1])
    assert lines[-1] == f"doctor: {len(lines) - 1} ok"
    for told in (
        "dbt-postgres 1", "v1.2.3", "the stand-in, not the real",
        f"{healthy.port}: ours", "connects, schema analytics", "No Docker daemon answers",
    ):  # fmt: skip
        assert told in shown
    assert re.search(r"PostgreSQL +18\.", shown)
    assert healthy.env()["PGPASSWORD"] not in shown
    assert "secret" not in shown


def test_json_has_the_same_findings(healthy: Workspace, shown: str) -> None:
    document = json.loads(healthy.invoke("doctor", "--json"))
    assert (document["check"], document["verdict"]) == ("doctor", "ok")
    assert {"subject", "verdict", "cause", "remedy", "checked"} == set(document["results"][0])
    assert len(document["results"]) == len(shown.splitlines()) - 1


def test_nothing_running_is_told_with_what_to_type(project: Workspace) -> None:
    complete(project)
    output = project.invoke("doctor", status=1)
    assert output.splitlines()[-3:] == [
        "to do:",
        "✗ server: Run `invoke up`.",
        output.split("\n")[-2],
    ]
    assert f"{project.port}: free" in output
    assert "`invoke up` writes it" in output


def test_without_the_docker_that_it_needs_the_rest_is_still_shown(project: Workspace) -> None:
    complete(project)
    project.configure(engine="docker")
    found = results(project, 1)
    assert found["Docker"]["verdict"] == found["server"]["verdict"] == "error"
    assert "invoke up --engine embedded" in found["Docker"]["remedy"]
    assert found["dbt profile"]["verdict"] == found["dbt manifest"]["verdict"] == "ok"


def test_a_port_that_another_program_has_is_told_with_its_name(project: Workspace) -> None:
    with socket.create_server(("127.0.0.1", project.port)):
        found = results(project, 1)["port"]
    assert found["verdict"] == "error"
    assert "is in use by" in found["cause"]
    assert "set another port" in found["remedy"]


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("pgtrickle: [", "not valid YAML"),
        ("pgtrickle: {engine: oracle}", "engine 'oracle' does not exist"),
        ("{}", "no mapping 'pgtrickle:'"),
        ("- pgtrickle", "can't be read"),
    ],
)
def test_a_broken_invoke_yaml_is_told_and_the_rest_still_shown(
    healthy: Workspace, text: str, cause: str
) -> None:
    with broken(healthy.root / "invoke.yaml", lambda _: text):
        output = healthy.invoke("doctor", status=2)
    assert cause in output
    # What is no mapping keeps invoke itself from going on.
    assert ("dbt-postgres 1" in output) == ("pgtrickle" in cause or "engine" in cause)


def test_each_damaged_file_is_told_by_its_name(healthy: Workspace) -> None:
    target = healthy.root / "target"
    target.mkdir(exist_ok=True)
    (target / "manifest.json").write_text("{}")
    try:
        with (
            broken(healthy.root / "profiles.yml", lambda text: text.replace("outputs:", "out:")),
            broken(healthy.root / ".copier-answers.yml", lambda _: "- nothing"),
        ):
            found = results(healthy, 1)
    finally:
        (target / "manifest.json").unlink()
    assert "profiles.yml lacks outputs" in found["dbt profile"]["cause"]
    assert "manifest.json can't be read" in found["dbt manifest"]["cause"]
    assert found["dbt manifest"]["remedy"] == "Write it again with: invoke dbt -- parse"
    assert found["template"]["verdict"] == "warn"


def test_dbt_that_goes_elsewhere_is_told(healthy: Workspace) -> None:
    elsewhere = "'PGDATABASE', 'shop'"
    with broken(
        healthy.root / "profiles.yml", lambda text: text.replace(elsewhere, "'OTHER', 'other'")
    ):
        found = results(healthy, 0)["dbt profile"]
    assert found["verdict"] == "warn"
    assert "dbname other instead of shop" in found["cause"]


def test_a_schema_of_ones_own_is_no_mistake(healthy: Workspace) -> None:
    with broken(healthy.root / ".env", lambda text: f"{text}DBT_SCHEMA=analytics_anna\n"):
        found = results(healthy, 0)["dbt profile"]
    assert (found["verdict"], found["cause"]) == ("ok", "connects, schema analytics_anna")
    with broken(healthy.root / "invoke.yaml", lambda text: text.replace("analytics", "other")):
        found = results(healthy, 0)["dbt profile"]
    assert (found["verdict"], found["remedy"]) == ("warn", "Write the same in both files.")


def test_an_env_that_others_may_read_is_a_warning(healthy: Workspace) -> None:
    env = healthy.root / ".env"
    env.chmod(0o644)
    try:
        output = healthy.invoke("doctor")
    finally:
        env.chmod(0o600)
    assert "other accounts may read it (644)" in output
    (command,) = re.findall("chmod 600 .*", output)
    env.chmod(0o644)
    subprocess.run(["/bin/sh", "-c", command], check=True)
    assert env.stat().st_mode & 0o777 == 0o600


def test_a_scheduler_that_died_is_the_first_thing_to_do(healthy: Workspace) -> None:
    (healthy.root / ".env").chmod(0o644)
    try:
        healthy.scheduler().kill()
        output = healthy.invoke("doctor", status=1)
        assert "no schedule is kept" in output
        todo = output[output.index("to do:") :].splitlines()
        assert todo[1] == "✗ scheduler: Run `invoke up`."
        assert todo[2].startswith("! .env:")
    finally:
        healthy.invoke("up")
        (healthy.root / ".env").chmod(0o600)


def test_a_server_set_up_otherwise_than_the_presets_is_told(healthy: Workspace) -> None:
    healthy.query("alter system set synchronous_commit = off", **healthy.superuser)
    healthy.query("alter database shop set synchronous_commit = off", **healthy.superuser)
    try:
        found = results(healthy, 0)["setting"]
    finally:
        healthy.query("alter database shop reset synchronous_commit", **healthy.superuser)
        healthy.query("alter system reset synchronous_commit", **healthy.superuser)
    assert "synchronous_commit is off, not on" in found["cause"]
    assert found["verdict"] == "warn"


def test_a_wrong_password_is_told_without_showing_any(healthy: Workspace) -> None:
    password = healthy.env()["PGPASSWORD"]
    with broken(healthy.root / ".env", lambda text: text.replace(password, "not-this-one")):
        output = healthy.invoke("doctor", status=1)
    assert "password authentication failed" in output
    assert "Run `invoke up`, which gives that role the password of .env." in output
    # The port is our own server's.
    assert "✗ port" not in output
    assert "not-this-one" not in output


def test_variables_of_another_server_lead_nobody_astray(healthy: Workspace) -> None:
    healthy.environment = {
        "PGHOSTADDR": "192.0.2.1", "PGSERVICE": "elsewhere", "PGSSLMODE": "verify-full",
        "PGPORT": "1", "PGAPPNAME": "mine",
    }  # fmt: skip
    try:
        assert "connects, schema analytics" in healthy.invoke("doctor")
    finally:
        healthy.environment = {}


def test_an_external_server_is_looked_at_whole(project: Workspace, server: Server) -> None:
    complete(project)
    project.configure(engine="external")
    params = server.params
    env = project.root / ".env"
    url = f"postgresql://{params['user']}:{params['password']}@127.0.0.1:{params['port']}"
    env.write_text(f"PGTRICKLE_DSN={url}/postgres\n")
    env.chmod(0o600)
    found = results(project, 1)
    assert found["extension"]["verdict"] == "error"
    assert "create extension" in found["extension"]["remedy"]
    assert "port" not in found
    with server.database() as database:
        env.write_text(f"PGTRICKLE_DSN={url}/{database.params['dbname']}\n")
        found = results(project, 0)
        assert found["dbt profile"]["cause"] == "connects, schema analytics"
    env.write_text("PGTRICKLE_DSN=host=127.0.0.1 port=1\n")
    assert "nobody listens on port 1" in project.invoke("doctor", status=1)
    env.write_text("PGTRICKLE_DSN=nonsense\n")
    assert "is no connection string" in project.invoke("doctor", status=2)
