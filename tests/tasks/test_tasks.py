"""What every task has in common: its help, its errors, dbt's arguments, dbt's exit status."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.workspace import Workspace, make, open_folder

TASKS = {
    "up", "down", "status", "seed", "run", "build", "test", "wait", "refresh", "freshness",
    "cdc-health", "prune", "drop-all", "psql", "logs", "demo", "dbt",
}  # fmt: skip


@pytest.fixture(scope="module")
def project() -> Iterator[Workspace]:
    """A project whose dbt tells how it was called, and fails on request."""
    with open_folder() as folder:
        make(folder / "shop")
        yield Workspace(folder / "shop")


@pytest.fixture
def told(project: Workspace, tmp_path: Path) -> Iterator[Workspace]:
    """The project with a dbt beside its Python that writes down how it was called."""
    environment = tmp_path / "bin"
    environment.mkdir()
    dbt = environment / "dbt"
    dbt.write_text(
        "#!/usr/bin/env python3\n"
        "import json, os, sys\n"
        "keys = ('PGHOST', 'DBT_PROFILES_DIR', 'DBT_PROJECT_DIR')\n"
        "print(json.dumps({'args': sys.argv[1:], 'cwd': os.getcwd(),\n"
        "                  **{k: os.environ.get(k) for k in keys}}))\n"
        "sys.exit(int(os.environ.get('FAIL', 0)))\n"
    )
    dbt.chmod(0o755)
    module = project.root / "tasklib" / "project" / "dbt.py"
    text = module.read_text()
    module.write_text(text.replace("Path(sys.executable).parent", f"Path({str(environment)!r})"))
    yield project
    module.write_text(text)
    project.environment = {}


def call(
    project: Workspace, *args: str, status: int = 0, cwd: Path | None = None
) -> dict[str, str]:
    """Run a task and give what dbt wrote down."""
    return dict(json.loads(project.invoke(*args, status=status, cwd=cwd)))


@pytest.mark.quick
def test_list_shows_every_task_with_a_help_of_one_line(project: Workspace) -> None:
    lines = [line.split(None, 1) for line in project.invoke("--list").splitlines()[2:] if line]
    shown = dict(lines)
    assert set(shown) >= TASKS
    assert all(text[0].isupper() and text.endswith(".") for text in shown.values()), shown


@pytest.mark.parametrize("task", ["seed", "run", "build", "test"])
def test_dbts_own_arguments_pass_through_under_their_own_names(told: Workspace, task: str) -> None:
    full_refresh = [] if task == "test" else ["--full-refresh"]
    args = call(
        told, task, "--select", "a+", "-s", "tag:b c", "--exclude", "d", *full_refresh,
        "--vars", '{"k": "v w"}', "--target", "prod", "--threads", "3",
    )["args"]  # fmt: skip
    assert args == [
        task, "--select", "a+", "--select", "tag:b c", "--exclude", "d", *full_refresh,
        "--vars", '{"k": "v w"}', "--target", "prod", "--threads", "3",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--select", "a", "b+", "t:c"], ["--select", "a", "--select", "b+", "--select", "t:c"]),
        (["--select=a", "b"], ["--select", "a", "--select", "b"]),
        (["-s", "a", "b", "--exclude", "c", "d", "-f"],
         ["--select", "a", "--select", "b", "--exclude", "c", "--exclude", "d", "--full-refresh"]),
        (["--exclude", "a", "b", "--vars=x: 1"],
         ["--exclude", "a", "--exclude", "b", "--vars", "x: 1"]),
        (["--select", "seed", "a"], ["--select", "seed", "--select", "a"]),
    ],
)  # fmt: skip
def test_select_and_exclude_take_several_words(
    told: Workspace, words: list[str], expected: list[str]
) -> None:
    assert call(told, "run", *words)["args"] == ["run", *expected]


def test_a_task_after_several_words_is_a_task(told: Workspace) -> None:
    lines = told.invoke("run", "--select", "a", "b", "test", "--select", "c").splitlines()
    assert [json.loads(line)["args"] for line in lines] == [
        ["run", "--select", "a", "--select", "b"], ["test", "--select", "c"],
    ]  # fmt: skip


def test_a_flag_that_dbt_does_not_have_there_is_not_offered(project: Workspace) -> None:
    assert "--full-refresh" not in project.invoke("test", "--help")
    assert "--full-refresh" in project.invoke("build", "--help")
    assert "No idea what '--bogus' is" in project.invoke(
        "run", "--select", "a", "--bogus", status=1
    )
    assert "needed value" in project.invoke("run", "--select", status=1)


def test_after_a_task_that_takes_models_an_option_is_no_model(project: Workspace) -> None:
    assert "--write" in project.invoke("rewrite", "--help")
    assert "No idea what '--bogus' is" in project.invoke("rewrite", "--bogus", status=1)


def test_without_arguments_dbt_gets_none(told: Workspace) -> None:
    assert call(told, "run")["args"] == ["run"]


def test_any_dbt_command_runs_with_its_words_as_they_were(told: Workspace) -> None:
    words = ["run-operation", "x", "--args", "{a: 'b  c'}", "--", "-h"]
    assert call(told, "dbt", "--", *words)["args"] == words


def test_what_follows_two_dashes_reaches_dbt_from_each_task(told: Workspace) -> None:
    assert call(told, "run", "-f", "--", "--fail-fast", "--select", "a", "b")["args"] == [
        "run", "--full-refresh", "--fail-fast", "--select", "a", "b",
    ]  # fmt: skip


def test_dbt_runs_in_the_projects_folder_with_its_environment(told: Workspace) -> None:
    (told.root / ".env").write_text("PGHOST=127.0.0.1\n")
    told.environment = {"DBT_PROFILES_DIR": "/elsewhere", "PGHOST": "elsewhere"}
    seen = call(told, "run", cwd=told.root / "models" / "marts")
    (told.root / ".env").unlink()
    root = str(told.root)
    assert (seen["cwd"], seen["DBT_PROJECT_DIR"], seen["DBT_PROFILES_DIR"]) == (root, root, root)
    assert seen["PGHOST"] == "127.0.0.1"


@pytest.mark.parametrize("code", [1, 2])
def test_dbts_exit_status_is_the_tasks(told: Workspace, code: int) -> None:
    told.environment = {"FAIL": str(code)}
    call(told, "run", status=code)


def test_a_failing_task_stops_those_after_it(told: Workspace) -> None:
    told.environment = {"FAIL": "1"}
    assert told.invoke("seed", "run", status=1).count('"args"') == 1


def test_a_missing_dbt_is_told_with_the_way_to_get_it(told: Workspace) -> None:
    module = told.root / "tasklib" / "project" / "dbt.py"
    shutil.rmtree(module.read_text().split("Path('")[1].split("'")[0])
    output = told.invoke("run", status=2)
    assert "dbt is not installed in this environment" in output
    assert "uv sync" in output


@pytest.mark.quick
def test_a_users_mistake_is_cause_and_remedy_without_a_traceback(project: Workspace) -> None:
    (project.root / ".env").mkdir()
    output = project.invoke("run", status=2)
    (project.root / ".env").rmdir()
    assert f"{project.root / '.env'} can't be read" in output
    assert output.splitlines()[1].startswith("  Make it a text file")


def test_the_way_to_an_error_is_shown_to_whoever_asks(project: Workspace) -> None:
    project.environment = {"PGTRICKLE_DEBUG": "1"}
    (project.root / ".env").mkdir()
    with project.popen("run", warm=True) as process:
        output = process.communicate(timeout=120)[0]
    (project.root / ".env").rmdir()
    project.environment = {}
    assert process.returncode == 2
    assert "Traceback" in output
    assert f"{project.root / '.env'} can't be read" in output.splitlines()[-2]


def test_a_check_without_a_database_exits_with_2_and_says_what_to_type(
    project: Workspace,
) -> None:
    (project.root / ".env").write_text(f"PGHOST=127.0.0.1\nPGPORT={project.port}\n")
    for task in ("freshness", "cdc-health"):
        assert "invoke up" in project.invoke(task, status=2)
    (project.root / ".env").unlink()


def test_ctrl_c_is_left_to_dbt_to_answer(told: Workspace, tmp_path: Path) -> None:
    module = told.root / "tasklib" / "project" / "dbt.py"
    dbt = Path(module.read_text().split("Path('")[1].split("'")[0]) / "dbt"
    dbt.write_text(
        "#!/usr/bin/env python3\n"
        "import signal, sys, time\n"
        "def cancel(*_):\n"
        "    time.sleep(1); print('cancelled', flush=True); sys.exit(5)\n"
        "signal.signal(signal.SIGINT, cancel)\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)\n"
    )
    with told.popen("run", start_new_session=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        os.killpg(process.pid, 2)
        assert process.stdout.read() == "cancelled\n"
        assert process.wait(30) == 5
