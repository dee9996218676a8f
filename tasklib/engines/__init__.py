"""Where PostgreSQL runs: one module an engine, and the tasks' way in.

The engines are imported when they are needed: `invoke --list` and dbt's tasks need none.
"""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tasklib.base import dsn, env_file
from tasklib.base.display import say
from tasklib.base.errors import UserError
from tasklib.project.project import Project

if TYPE_CHECKING:
    from tasklib.engines.base import Engine
    from tasklib.engines.choice import Choice


def engine(name: str, project: Project) -> Engine:
    """The engine of a name, for one project.

    Raises:
        UserError: it can't run here.
    """
    if name == "embedded":
        from tasklib.engines.embedded.engine import Embedded  # noqa: PLC0415 see above

        return Embedded(project)
    if name == "external":
        from tasklib.engines.external.engine import External  # noqa: PLC0415 see above

        return External(project)
    from tasklib.engines.docker.engine import Docker  # noqa: PLC0415 see above

    return Docker(project)


def docker_obstacle(project: Project) -> str | None:
    """Why Docker can't be used for a project, in words for the user; None if it can."""
    from tasklib.engines.docker.engine import obstacle  # noqa: PLC0415 see above

    return obstacle(project)


def up(project: Project, requested: str = "") -> None:
    """Start the project's database and tell what runs, where, and why there.

    Args:
        project: the project.
        requested: an engine's name, instead of the one chosen before.

    Raises:
        UserError: it can't be started.
    """
    from tasklib.engines import choice, lock, unfinished  # noqa: PLC0415 see above

    with lock.exclusive(project.state_dir):
        chosen = choice.choose(project, requested, docker_obstacle)
        server = engine(chosen.engine, project)
        former = choice.remembered(project)
        chosen = dataclasses.replace(chosen, wrote=dict(server.connection()))
        _protect_env(project, chosen, former)
        server.prepare()
        done = _leave(former, project) if former and former.engine != chosen.engine else []
        # What stands in .env is this engine's own only when all has gone well.
        begun = dataclasses.replace(chosen, wrote=former.wrote if former else {})
        choice.remember(project, begun)
        done += server.up()
        choice.remember(project, chosen)
    for step in done:
        say(f"  {step}")
    status = server.status()
    say(
        f"{chosen.engine}: {status.server} at {status.address} with {status.extension}. "
        f"Why: {'; '.join(filter(None, (chosen.reason, status.reason)))}."
    )
    if not done and chosen.engine != "external":
        say("It ran already; nothing was changed.")
    for problem in (*status.problems, *filter(None, [unfinished.told(project)])):
        say(f"Note: {problem}.")


def down(project: Project, *, volumes: bool, yes: bool) -> None:
    """Stop the project's database.

    Args:
        project: the project.
        volumes: delete the data as well, after a question.
        yes: don't ask.

    Raises:
        UserError: it doesn't stop, or there is nobody to answer the question.
    """
    from tasklib.engines import choice, lock, unfinished  # noqa: PLC0415 see above

    with lock.exclusive(project.state_dir):
        server = engine(choice.current(project).engine, project)
        if volumes and server.data() and not yes:
            _confirm(f"Delete all data in {server.data()}?")
        done = server.down(volumes=volumes)
        if volumes:
            unfinished.end(project)
    for step in done or ["nothing to stop"]:
        say(f"  {step}")
    if server.data():
        say(f"The data stay in {server.data()}.")


def show_status(project: Project) -> bool:
    """Print engine, server, extension and scheduler; tell whether the server runs.

    Raises:
        UserError: the server runs but can't be asked.
    """
    from tasklib.engines import choice, unfinished  # noqa: PLC0415 see above

    chosen = choice.current(project)
    status = engine(chosen.engine, project).status()
    say(f"engine     {chosen.engine} ({chosen.reason})")
    say(f"server     {status.server or 'not running: run `invoke up`'}")
    if not status.server:
        return False
    say(f"address    {status.address}")
    say(f"extension  {status.extension or 'none'}")
    say(f"scheduler  {status.scheduler or 'not running'}")
    for problem in (*status.problems, *filter(None, [unfinished.told(project)])):
        say(f"problem    {problem}")
    return True


def psql(project: Project, arguments: Sequence[str], *, superuser: bool = False) -> int:
    """Open psql on the project's database; give its exit status.

    Args:
        project: the project.
        arguments: psql's.
        superuser: as the server's superuser, instead of as dbt.

    Raises:
        UserError: there is no psql; the server is not ours, and nor is its superuser (2).
    """
    from tasklib.engines import choice  # noqa: PLC0415 see above
    from tasklib.engines.server import roles  # noqa: PLC0415 see above

    server = engine(choice.current(project).engine, project)
    if superuser and server.name == "external":
        raise UserError(
            "The server is not this project's own: no superuser of it is known.",
            "invoke psql -- --username NAME",
            2,
        )
    environment = roles.as_superuser(project) if superuser else project.environment()
    return server.psql(arguments, environment)


def show_logs(project: Project, *, lines: int, follow: bool) -> None:
    """Print the logs of the server and of the scheduler.

    Raises:
        UserError: this engine's logs are not on this machine.
    """
    from tasklib.engines import choice  # noqa: PLC0415 see above

    engine(choice.current(project).engine, project).show_logs(lines=lines, follow=follow)


def _protect_env(project: Project, chosen: Choice, former: Choice | None) -> None:
    """Never overwrite the connection to another server that the user wrote into .env."""
    stored = env_file.read(project.env_path)
    differing = {key for key, value in chosen.wrote.items() if stored.get(key, value) != value}
    own = former is not None and all(stored.get(key) == v for key, v in former.wrote.items())
    if "PGHOST" in stored and differing and not (own and former and former.wrote):
        raise UserError(
            f"{project.env_path} names another server ({stored['PGHOST']}); the engine "
            f"'{chosen.engine}' would overwrite that.",
            "Remove its lines PG… from .env if you don't need them; "
            "or use that server: `invoke up --engine external`.",
        )
    named = dsn.VARIABLE in {**os.environ, **stored}
    if chosen.engine == "external" and own and former and former.wrote and not named:
        raise UserError(
            f"{project.env_path} still names the server of the engine '{former.engine}'.",
            f"Name your own server there: {dsn.VARIABLE}=postgresql://…; or PGHOST and so on.",
        )


def _leave(former: Choice, project: Project) -> list[str]:
    """Stop the engine used before; its data stay."""
    server = engine(former.engine, project)
    done = [f"{former.engine}: {step}" for step in server.down(volumes=False)]
    if server.data():
        done.append(
            f"the data of the engine {former.engine} stay in {server.data()}; "
            f"`invoke up --engine {former.engine}` goes back to them"
        )
    return done


def _confirm(question: str) -> None:
    if not sys.stdin.isatty():
        raise UserError(f"{question} Nobody is here to answer.", "Add --yes to delete it.")
    if input(f"{question} [y/N] ").strip().lower() not in ("y", "yes"):
        raise UserError("Nothing was deleted or stopped.")
