"""Where PostgreSQL runs: one module an engine, and the tasks' way in."""

from __future__ import annotations

from collections.abc import Sequence

from tasklib.project import Project


def up(project: Project, engine: str = "") -> None:
    """Start the project's database."""
    raise NotImplementedError(project, engine)


def down(project: Project, *, volumes: bool, yes: bool) -> None:
    """Stop the project's database."""
    raise NotImplementedError(project, volumes, yes)


def show_status(project: Project) -> None:
    """Print where the database runs."""
    raise NotImplementedError(project)


def psql(project: Project, arguments: Sequence[str]) -> None:
    """Open psql on the project's database."""
    raise NotImplementedError(project, arguments)


def show_logs(project: Project, *, lines: int, follow: bool) -> None:
    """Print the logs of the server and of the scheduler."""
    raise NotImplementedError(project, lines, follow)
