"""pgtrickle.lock: what `latest` was resolved to, kept with the project so that nothing changes."""

from __future__ import annotations

import json
from typing import Any

from tasklib.base import files
from tasklib.base.errors import UserError
from tasklib.project.project import Project

FILE = "pgtrickle.lock"


def read(project: Project, kind: str) -> dict[str, Any]:
    """What was pinned of one kind, such as `image`; empty if nothing was.

    Raises:
        UserError: the file can't be read.
    """
    return dict(_all(project).get(kind) or {})


def write(project: Project, kind: str, pin: dict[str, Any]) -> None:
    """Pin one kind; an empty pin forgets it. The other kinds stay.

    Raises:
        UserError: the file can't be read or written.
    """
    pinned = {name: value for name, value in _all(project).items() if name != kind}
    if pin:
        pinned[kind] = pin
    file = project.root / FILE
    with files.explained(file):
        temporary = file.with_name(FILE + ".new")
        temporary.write_text(json.dumps(pinned, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        temporary.replace(file)


def _all(project: Project) -> dict[str, Any]:
    file = project.root / FILE
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError) as error:
        raise UserError(
            f"{file} can't be read: {error}",
            "Restore it from version control; or delete it, and the newest version is pinned anew.",
        ) from None
