"""CI of a generated project and of this repository: valid for its runner, and each step works."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.support.postgres import ROOT, free_port
from tests.support.workflow import complaints, github_steps, gitlab_script, run_step
from tests.template.helpers import BIN, copy_project, git_save, run

GITHUB, GITLAB = ".github/workflows/stream-tables.yml", ".gitlab-ci.yml"
SEED = "id,city\n1,Bern\n2,Bern\n3,Genf\n"
CITIES = "select\n    city,\n    count(*) as people\nfrom {{ ref('people') }}\ngroup by city\n"
PEOPLE = "select\n    id,\n    city\nfrom {{ ref('people') }}\n"
TESTS = """version: 2
models:
  - name: cities
    columns: [{name: city, data_tests: [unique]}]
"""
# as github.event_name == 'pull_request' has it
OF_A_PULL_REQUEST = {"github.token": "a token", "github.event.number": 12}
GH = '#!/bin/sh\necho "$GH_TOKEN" "$@" > gh.called\n'


@pytest.fixture(autouse=True)
def _nothing_of_ours_in_the_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """pre-commit keeps a folder of its own."""
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))


@pytest.fixture(scope="module")
def pull_request() -> Iterator[Path]:
    """A project in git as a runner has it on a pull request: HEAD merges a change into HEAD^1."""
    with tempfile.TemporaryDirectory(prefix="pgtrickle-ci-") as folder:
        # root's server runs under another account, which has to enter
        Path(folder).chmod(0o755)
        answers = {"sample_models": "no", "engine": "external", "port": str(free_port())}
        project = copy_project(Path(folder) / "shop", **answers)
        (project / "seeds/people.csv").write_text(SEED)
        (project / "models/marts/cities.sql").write_text(CITIES)
        (project / "models/marts/residents.sql").write_text(PEOPLE)
        (project / "models/marts/marts.yml").write_text(TESTS)
        run("git", "init", "-q", "-b", "main", cwd=project)
        git_save(project)
        run("git", "checkout", "-q", "-b", "change", cwd=project)
        wider = CITIES.replace("as people", "as people,\n    max(id) as newest")
        (project / "models/marts/cities.sql").write_text(wider)
        git_save(project)
        run("git", "checkout", "-q", "main", cwd=project)
        author = ("-c", "user.name=Test", "-c", "user.email=test@localhost")
        run("git", *author, "merge", "-q", "--no-ff", "-m", "merge", "change", cwd=project)
        (project / "bin").mkdir()
        (project / "bin/gh").write_text(GH)
        (project / "bin/gh").chmod(0o755)
        yield project
        run(str(BIN / "invoke"), "down", "--volumes", "--yes", cwd=project)


@pytest.mark.parametrize(
    ("answer", "there"), [("github", GITHUB), ("gitlab", GITLAB), ("none", None)]
)
def test_the_answer_decides_which_ci_there_is(tmp_path: Path, answer: str, there: str) -> None:
    project = copy_project(tmp_path / "shop", ci=answer)
    assert [name for name in (GITHUB, GITLAB) if (project / name).exists()] == [there] * bool(there)
    assert (project / ".github").exists() == (answer == "github")


@pytest.mark.parametrize(
    ("file", "schema"),
    [
        (ROOT / "template" / GITHUB, "vendor.github-workflows"),
        (ROOT / "template" / GITLAB, "vendor.gitlab-ci"),
        (ROOT / ".github/workflows/test.yml", "vendor.github-workflows"),
    ],
    ids=str,
)
def test_workflows_are_what_their_runner_takes(tmp_path: Path, file: Path, schema: str) -> None:
    assert complaints(file, schema) == ""
    damaged = tmp_path / file.name
    damaged.write_text(re.sub(r"^( +)(runs-on|script):", r"\1\2s:", file.read_text(), flags=re.M))
    assert complaints(damaged, schema)


def test_each_step_of_a_pull_request_does_its_part(pull_request: Path, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    environment = {"DBT_TARGET": "ci", "GITHUB_STEP_SUMMARY": str(summary)}
    told = {}
    steps = github_steps(pull_request / GITHUB)
    for step in steps:
        if step.name == "Install":  # test_install does
            continue
        told[step.name] = run_step(step, pull_request, environment, OF_A_PULL_REQUEST)
    plan = summary.read_text()
    assert plan == (pull_request / "plan.md").read_text()
    (changed,) = (line for line in plan.splitlines() if line.startswith("| **"))
    assert changed.startswith("| **replace** | `ci.cities` | output columns changed: + newest")
    assert "2 stream tables: 1 replace, 1 unchanged" in plan
    assert "::warning title=Stream tables::This change replaces" in told["Plan"]
    called = (pull_request / "gh.called").read_text()
    assert called.startswith("a token pr comment 12 ") and "--body-file plan.md" in called
    assert "2 ok" in told["Verify"]
    assert "ci.cities" in told["Soak"] and "soak: 1 ok" in told["Soak"]
    assert "PostgreSQL" in told["What went wrong"]
    shutil.rmtree(pull_request / ".pgtrickle/base")
    (soak,) = (one for one in steps if one.name == "Soak")
    all_of_them = run_step(soak, pull_request, environment, {})
    assert "so all are tried (invoke base COMMIT" in all_of_them and "2 ok" in all_of_them


def test_gitlab_runs_the_same_commands_as_github(pull_request: Path) -> None:
    def commands(text: str) -> list[str]:
        found = re.findall(r"(?:^|\s)((?:invoke|sqlfluff|pip) [a-z][^\n|>]*[^\n|> ])", text)
        return [re.sub(r"^(invoke base) .*", r"\1", one) for one in found]

    steps = github_steps(pull_request / GITHUB)
    of_github = commands("\n".join(one.script for one in steps if one.condition != "failure()"))
    assert of_github == commands(gitlab_script(ROOT / "template" / GITLAB))
    assert len(of_github) > 8


def test_nothing_is_compared_that_nobody_named(pull_request: Path) -> None:
    invoke = str(BIN / "invoke")
    told = run(invoke, "base", "nowhere", cwd=pull_request, check=False)
    assert "git has no commit nowhere here." in told and "git fetch --deepen 100" in told
    told = run(invoke, "soak", "--changed", "--state", "nowhere", cwd=pull_request, check=False)
    assert "There is no manifest.json in" in told and "invoke base COMMIT" in told
    told = run(invoke, "soak", "cities", "--changed", cwd=pull_request, check=False)
    assert "exclude each other" in told
    assert "Add --changed" in run(
        invoke, "soak", "--state", "target", cwd=pull_request, check=False
    )


def test_hooks_run_before_a_commit(pull_request: Path) -> None:
    """The project's own programs are all that they need."""
    run(str(BIN / "pre-commit"), "validate-config", cwd=pull_request)
    run("git", "add", "--all", cwd=pull_request)
    path = f"{BIN}:{os.environ['PATH']}"
    hooks = [str(BIN / "pre-commit"), "run", "--all-files", "--color", "never"]
    told = run(*hooks, cwd=pull_request, PATH=path)
    assert told.count("Passed") == 2 and "no .env" in told
    (pull_request / ".env").touch()
    run("git", "add", "--force", ".env", cwd=pull_request)
    refused = run(*hooks, "secrets", cwd=pull_request, check=False, PATH=path)
    assert "it is never committed" in refused
    run("git", "rm", "-q", "--cached", ".env", cwd=pull_request)


def test_the_container_of_development_has_what_is_typed_elsewhere(pull_request: Path) -> None:
    container = json.loads((pull_request / ".devcontainer/devcontainer.json").read_text())
    settings = yaml.safe_load((pull_request / "invoke.yaml").read_text())["pgtrickle"]
    assert container["forwardPorts"] == [settings["port"]]
    steps = {one.script.strip() for one in github_steps(pull_request / GITHUB)}
    created = container["postCreateCommand"].replace("'", '"').split(" && ")
    assert len(created) == 3 and set(created) <= steps


def test_this_repositorys_hooks_are_its_linters() -> None:
    run(str(BIN / "pre-commit"), "validate-config", cwd=ROOT)
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    linters = (ROOT / "script/test").read_text()
    for hook in hooks:
        words = ", ".join(f'"{word}"' for word in hook["entry"].split())
        assert f"[{words}" in linters, hook["entry"]
    (step,) = github_steps(ROOT / ".github/workflows/test.yml")
    assert subprocess.run(["test", "-x", ROOT / step.script], check=False).returncode == 0
