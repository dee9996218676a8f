"""Which engine a project uses: decided once, remembered, and never changed silently."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field

from tasklib.base import files
from tasklib.base.errors import UserError
from tasklib.engines.base import STAND_IN
from tasklib.project.project import CHOICE_FILE, ENGINES, Project


@dataclass(frozen=True)
class Choice:
    """An engine, and why that one.

    Attributes:
        engine: docker, embedded or external.
        reason: why, in words for the user.
        configured: what invoke.yaml said at the time; a change there ends the choice.
        wrote: the variables that this engine put into .env, secrets aside.
    """

    engine: str
    reason: str
    configured: str
    wrote: Mapping[str, str] = field(default_factory=dict)


def choose(
    project: Project, requested: str, docker_obstacle: Callable[[Project], str | None]
) -> Choice:
    """Decide: what was asked for, else what was remembered, else what invoke.yaml says.

    Args:
        project: the project.
        requested: an engine's name, from the command line; else empty.
        docker_obstacle: tells why Docker can't be used, None if it can; asked where that decides.

    Raises:
        UserError: there is no such engine.
    """
    if requested and requested not in ENGINES:
        raise UserError(
            f"The engine '{requested}' does not exist.", f"Use one of: {', '.join(ENGINES)}.", 2
        )
    if requested and requested != "auto":
        return Choice(requested, f"asked for with --engine {requested}", project.engine)
    former = None if requested else _lasting(project)
    if former:
        return former
    if project.engine != "auto" and not requested:
        return Choice(project.engine, "invoke.yaml says so", project.engine)
    if not requested and remembered(project) is None and (project.state_dir / "data").exists():
        return Choice("embedded", "auto: its data are here", project.engine)
    obstacle = _only_embedded(project) or docker_obstacle(project)
    if obstacle is None:
        return Choice("docker", "auto: Docker answers and has the image", project.engine)
    return Choice("embedded", f"auto: {obstacle}", project.engine)


def _only_embedded(project: Project) -> str | None:
    """The setting that no other engine honours, in words for the user."""
    if project.settings.get("extension") == STAND_IN:
        return f"invoke.yaml asks for {STAND_IN}"
    if project.settings.get("archive"):
        return "invoke.yaml names a release archive"
    return None


def current(project: Project) -> Choice:
    """The engine in use, without deciding anything: for all but `invoke up`."""
    undecided = Choice(
        "embedded" if project.engine == "auto" else project.engine,
        f"invoke.yaml says {project.engine}; nothing was started yet",
        project.engine,
    )
    return _lasting(project) or undecided


def remembered(project: Project) -> Choice | None:
    """The last choice on this machine, if there is one that can be read."""
    try:
        return Choice(**project.remembered())
    except TypeError:
        return None


def _lasting(project: Project) -> Choice | None:
    """What was remembered, unless invoke.yaml says something else since then."""
    former = remembered(project)
    return former if former and former.configured == project.engine else None


def remember(project: Project, choice: Choice) -> None:
    """Keep a choice for the next time.

    Raises:
        UserError: the state folder can't be written.
    """
    if remembered(project) == choice:
        return
    file = project.state_dir / CHOICE_FILE
    with files.explained(file):
        files.write_whole(file, json.dumps(asdict(choice), indent=2) + "\n")
