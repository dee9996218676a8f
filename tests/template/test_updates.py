"""`copier update` from states of this template that have landed, as this repository's history has them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.postgres import ROOT
from tests.template.helpers import (
    BIN,
    copy_project,
    git_save,
    run,
    working_tree,
)
from tests.template.test_project import files

STATES = 6
OWN = {
    "models/marts/mine.sql": "select 1 as n\n",
    "macros/mine.sql": "{% macro mine() %}1{% endmacro %}\n",
    "seeds/mine.csv": "id\n1\n",
}
# a file of the template's, what stands there, and what a user makes of it; a version may lack either
EDITS = {
    "invoke.yaml": ("version: latest", "version: 0.67.0"),
    "dbt_project.yml": ("+schedule: 2s", "+schedule: 1h"),
    "models/marts/shop/customer_orders.sql": ("\nselect", "\n-- ours\nselect"),
    "models/marts/shop/daily_revenue.sql": ("\nselect", "\n-- ours\nselect"),
    "tasks.py": ("\nfrom __future__", "\n# ours\nfrom __future__"),
    "tasklib/base/errors.py": ("\nfrom __future__", "\n# ours\nfrom __future__"),
    "tasklib/tasks/plan/task.py": ("\nfrom __future__", "\n# ours\nfrom __future__"),
    "README.md": ("## Begin\n", "## Begin\n\nAsk Anna first.\n"),
    "macros/pgtrickle/materializations/stream_table.sql": ("{#", "{# ours #}{#"),
    # these have moved since
    "tasklib/errors.py": ("\nfrom __future__", "\n# ours\nfrom __future__"),
    "tasklib/plan.py": ("\nfrom __future__", "\n# ours\nfrom __future__"),
    "macros/pgtrickle/utils/pgtrickle__literal.sql": ("{%", "{# ours #}{%"),
}


def states() -> list[str]:
    """Commits of which each changed what a project gets; the first, the last, and some between."""
    own = ("--", "copier.yml", "template")
    landed = run("git", "log", "--first-parent", "--format=%H", *own, cwd=ROOT).split()
    step = max(1, (len(landed) - 1) // (STATES - 1))
    return list(reversed(landed))[::step]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This repository with its history, and the working tree as the newest commit."""
    folder = tmp_path_factory.mktemp("updates") / "template"
    run("git", "clone", "--quiet", "--no-tags", str(ROOT), str(folder), cwd=ROOT)
    for path in folder.iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    whole = working_tree(folder.parent / "whole")
    shutil.copytree(whole, folder, symlinks=True, dirs_exist_ok=True)
    if run("git", "status", "--porcelain", cwd=folder):
        git_save(folder)
    return folder


@pytest.fixture(scope="module")
def fresh(template: Path) -> Path:
    """What the newest state makes."""
    return copied(template, "HEAD", template.parent / "fresh")


def copied(template: Path, state: str, folder: Path) -> Path:
    """A project of a state, committed."""
    copier = (str(BIN / "copier"), "copy", "--quiet", "--defaults", "--vcs-ref", state)
    run(*copier, str(template), str(folder), cwd=template)
    run("git", "init", "-q", "-b", "main", cwd=folder)
    git_save(folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Each file of a project but git's."""
    return {
        name: (folder / name).read_bytes() for name in files(folder) if not name.startswith(".git/")
    }


def told(output: str, before: str) -> list[str]:
    """A command that copier's last words name."""
    return output.split(before)[1].splitlines()[0].split()


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_from_each_earlier_state_an_update_loses_nothing_and_names_what_is_to_settle(
    template: Path, fresh: Path, tmp_path: Path
) -> None:
    """One of two projects was edited; the other comes out as if it had been generated just now."""
    assert len(states()) >= STATES, "this takes the repository's whole history"
    newest = contents(fresh)
    settled, lost = set(), set()
    for state in states():
        plain = copied(template, state, tmp_path / f"plain-{state[:8]}")
        run(str(BIN / "copier"), "update", "--defaults", cwd=plain)
        assert contents(plain) == newest, state

        project = copied(template, state, tmp_path / f"edited-{state[:8]}")
        edited = {}
        for name, (old, new) in EDITS.items():
            path = project / name
            if path.exists() and old in path.read_text():
                path.write_text(path.read_text().replace(old, new, 1))
                edited[name] = new
        assert len(edited) > 4, state
        for name, text in OWN.items():
            (project / name).write_text(text)
        git_save(project)
        (project / ".env").write_text("PGPASSWORD=secret\n")
        output = run(str(BIN / "copier"), "update", "--defaults", cwd=project)

        gone = run(*told(output, "Files of what the template has no more: "), cwd=project).split()
        conflicts = run(*told(output, "the places to settle: "), cwd=project, check=False)
        for name, new in edited.items():
            present = (project / name).exists()
            assert (name in gone) != present, f"{state}: {name}"
            assert not present or new in (project / name).read_text(), f"{state}: {name}"
        for name, text in {**OWN, ".env": "PGPASSWORD=secret\n"}.items():
            assert (project / name).read_text() == text, f"{state}: {name}"
        now = contents(project)
        assert not [name for name in now if name.endswith((".rej", ".orig"))]
        marked = {name for name, text in now.items() if b"\n<<<<<<< before updating" in text}
        assert {line.split(":")[0] for line in conflicts.splitlines()} == marked, state
        settled |= marked
        lost |= edited.keys() & set(gone)
        untouched = newest.keys() - edited.keys()
        assert {name: now.get(name) for name in untouched} == {n: newest[n] for n in untouched}
    assert settled and lost, "each kind of what has to be named was seen"


def test_a_question_that_is_answered_otherwise_later_gives_what_it_would_have_given_at_first(
    tmp_path: Path,
) -> None:
    """The command that takes the sample out is the README's."""
    template = working_tree(tmp_path / "template")
    run("git", "init", "-q", "-b", "main", cwd=template)
    git_save(template)
    project = copied(template, "HEAD", tmp_path / "shop")
    command = next(
        words for words in (project / "README.md").read_text().split("`") if "sample_models" in words
    )
    others = {
        "engine": "docker", "ci": "gitlab", "deploy": "both", "dbt_version": "1.9", "port": "20001",
    }  # fmt: skip
    data = [word for key, value in others.items() for word in ("--data", f"{key}={value}")]
    run(str(BIN / "copier"), *command.split()[3:], *data, "--defaults", cwd=project)
    expected = copy_project(tmp_path / "fresh", template, sample_models="no", **others)
    assert contents(project) == contents(expected)
