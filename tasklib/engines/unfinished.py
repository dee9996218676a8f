"""The note that an upgrade is under way: whoever comes after one that was killed knows by it."""

from __future__ import annotations

from pathlib import Path

from tasklib.base import files
from tasklib.project.project import Project

FILE = "unfinished-upgrade"


def begin(project: Project, what: str) -> None:
    """Note down that stream tables are about to be dropped, until they are built again.

    Args:
        project: the project.
        what: from where to where, in words for the user.

    Raises:
        UserError: the state folder can't be written.
    """
    with files.explained(_file(project)):
        files.write_whole(_file(project), what)


def end(project: Project) -> None:
    """Forget it: the stream tables are there."""
    with files.explained(_file(project)):
        _file(project).unlink(missing_ok=True)


def told(project: Project) -> str:
    """What an upgrade that didn't end leaves to do, in words for the user; empty if none did."""
    try:
        what = _file(project).read_text(encoding="utf-8")
    except OSError:
        return ""
    return f"an upgrade {what} was not finished, stream tables may be missing; run `invoke upgrade`"


def _file(project: Project) -> Path:
    return project.state_dir / FILE
