"""docs/production.md as a stranger follows it: each command as it stands there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from invoke.collection import Collection
from invoke.parser import Parser

import tasks

from tests.support.postgres import ROOT, free_port
from tests.template.helpers import BIN, copy_project, run

PAGE = ROOT / "docs" / "production.md"
# what needs the network, or is there already: the project is copied and installed otherwise
ELSEWHERE = ("pipx ", "cd shop", "python3 -m venv", "pip install", "gh ", "git push")
AUTHOR = {
    "GIT_AUTHOR_NAME": "Test", "GIT_AUTHOR_EMAIL": "test@localhost",
    "GIT_COMMITTER_NAME": "Test", "GIT_COMMITTER_EMAIL": "test@localhost",
}  # fmt: skip


@pytest.fixture
def project() -> Iterator[Path]:
    """A project as the first command makes it, with an embedded database."""
    with tempfile.TemporaryDirectory(prefix="pgtrickle-walk-") as folder:
        # root's server runs under another account, which has to enter
        Path(folder).chmod(0o755)
        root = copy_project(Path(folder) / "shop", engine="embedded", port=str(free_port()))
        yield root
        run(str(BIN / "invoke"), "down", "--volumes", "--yes", cwd=root)


def commands() -> list[str]:
    """The commands of the walk, in order."""
    walk = PAGE.read_text().split("\n# How it is built")[0]
    return re.findall(r"(?m)^    (\S.*)$", walk)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_the_walk_goes_as_it_is_written(project: Path) -> None:
    told: dict[str, str] = {}
    typed = [command for command in commands() if not command.startswith(ELSEWHERE)]
    for command in typed:
        done = subprocess.run(
            ["bash", "-c", command], cwd=project, text=True, check=False, stdin=subprocess.DEVNULL,
            env={**os.environ, **AUTHOR, "PATH": f"{BIN}:{os.environ['PATH']}"},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}"
        told.setdefault(command, done.stdout)
    assert "| **replace** | `analytics.daily_revenue`" in told["invoke plan --markdown"]
    assert " beside, " in told["invoke plan --markdown"]
    assert "1 beside" in told["invoke deploy --dry-run"]
    assert "Swapped 1 in " in told["invoke deploy"]
    assert "5 ok" in told["invoke verify"]
    assert "Back to what was there before" in told["invoke rollback"]
    assert "5 unchanged" in told["invoke plan"]


def test_the_walk_is_short_and_leaves_little_out() -> None:
    typed = commands()
    assert 20 < len(typed) < 35
    contexts = Collection.from_module(tasks).to_contexts()
    called = [part for one in typed for part in one.split(" && ") if part.startswith("invoke ")]
    assert len(called) >= 12
    for command in called:
        Parser(contexts=contexts).parse_argv(shlex.split(command)[1:])
