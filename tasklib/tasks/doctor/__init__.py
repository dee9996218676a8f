"""`invoke doctor`: the whole situation on one screen, what is wrong, and what to type."""

from __future__ import annotations


def diagnose(*, as_json: bool) -> int:
    """Show the situation of the project around the current folder; give the exit status.

    Args:
        as_json: print one JSON document.
    """
    from tasklib.tasks.doctor import task  # noqa: PLC0415 the engines are slow to import

    return task.diagnose(as_json=as_json)
