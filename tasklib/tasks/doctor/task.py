"""The task: everything is looked at, whatever is broken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tasklib import engines
from tasklib.base.errors import UserError
from tasklib.base.findings import ERROR, OK, WARN, Finding
from tasklib.engines import choice
from tasklib.engines.base import Status
from tasklib.engines.external import checks, wants
from tasklib.project.project import Project, find_project
from tasklib.tasks.doctor import dbt_setup, machine, software, stream_tables
from tasklib.tasks.doctor.report import guarded, show


def diagnose(start: Path | None = None, *, as_json: bool = False) -> int:
    """Show the whole situation of a project, and give the exit status.

    Args:
        start: a folder in the project; by default the current one.
        as_json: print one JSON document.
    """
    return show(list(_examine(start)), as_json=as_json)


def _examine(start: Path | None) -> Iterator[Finding]:
    project: Project | None = None
    try:
        project = find_project(start)
        yield Finding("project", OK, f"{project.slug} in {project.root}")
    except UserError as error:
        yield Finding("project", ERROR, error.cause.rstrip("."), error.remedy, checked=False)
    yield from guarded("dbt", software.python_and_dbt)
    if project is None:
        yield from guarded("Docker", lambda: software.docker(needed=False))
        return
    used = choice.current(project)
    yield from guarded("template", lambda: software.template(project.root))
    yield from guarded("Docker", lambda: software.docker(needed=used.engine == "docker"))
    yield Finding("engine", OK, f"{used.engine} ({used.reason})")
    yield from guarded(".env", lambda: machine.connection(project))
    yield from guarded("engine", lambda: _engine(project, used.engine))


def _engine(project: Project, name: str) -> Iterator[Finding]:
    ours, looked = name != "external", True
    status, data = Status(), "the server's own"
    if ours:
        try:
            server = engines.engine(name, project)
            status, data = server.status(), server.data()
        except UserError as error:
            data, looked = "", False
            yield Finding("server", ERROR, error.cause.rstrip("."), error.remedy)
        running = bool(status.server)
        yield from guarded(
            "port", lambda: machine.listening(project, running=running, known=looked)
        )
    yield from guarded("files", lambda: machine.folders(project, data))
    reachable = usable = False
    if status.server or not ours:
        for found in guarded(
            "server", lambda: checks.examine(project.environment(), wants.of(project, ours=ours))
        ):
            reachable = reachable or (found.subject == "reachable" and found.verdict == OK)
            usable = usable or (found.subject == "privileges" and found.verdict == OK)
            yield found
        if usable:
            yield from guarded("stream tables", lambda: stream_tables.placed(project))
            yield from guarded("refresh modes", lambda: stream_tables.kept(project))
    elif looked:
        yield Finding("server", ERROR, "not running", "Run `invoke up`.")
    for problem in status.problems:
        if "scheduler" not in problem:
            yield Finding("engine", WARN, problem, f"{problem[0].upper()}{problem[1:]}.")
    yield from guarded("dbt profile", lambda: dbt_setup.profile(project, reachable=reachable))
    yield from guarded("dbt manifest", lambda: dbt_setup.parsed(project))
