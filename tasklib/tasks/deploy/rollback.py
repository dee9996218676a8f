"""`invoke rollback`: what was there before the last deploy comes back, without being filled."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace

from tasklib.base.display import say, took
from tasklib.base.errors import UserError
from tasklib.catalog.database import Connection, connect_to_primary
from tasklib.project.project import Project
from tasklib.tasks.deploy import checks, readers, versions
from tasklib.tasks.deploy.swap import swap
from tasklib.tasks.deploy.terms import Terms, alone, until
from tasklib.tasks.deploy.versions import Move, Version


def rollback(project: Project, *, terms: Terms, dry_run: bool = False) -> None:
    """Put the version before the last deploy back in its place.

    Args:
        project: the project.
        terms: what has to hold; what is put away now is kept as long.
        dry_run: only say what would be done.

    Raises:
        UserError: there is none, or it can't be done; what is in use is as it was.
    """
    whose = versions.whose(project)
    with closing(connect_to_primary(project.environment(), "rollback")) as connection:
        end = until(connection, terms.keep)
        with alone(connection, whose):
            known = versions.kept(connection, whose)
            if not known:
                raise UserError(
                    "No former version is kept here.",
                    "Check the former code out and deploy it: invoke deploy",
                )
            version = known[0]
            for move in version.moves:
                name = f"{move['schema_name']}.{move['table_name']}"
                say(f"  {'back' if move['had'] else 'away'}  {name}")
            following = readers.following(connection, version.moves)
            if dry_run:
                say("Nothing was done (--dry-run).")
                return
            deadline = time.monotonic() + terms.timeout
            names = _stream_tables(connection, version)
            lag = checks.catch_up(connection, project, names, terms.lag, deadline)
            moves: list[Move] = [{**m, "has": m["had"], "had": m["has"]} for m in version.moves]
            undone = versions.following(version.schemas, versions.now(), moves)
            undone = replace(undone, until=end)
            try:
                seconds = swap(connection, whose, version, undone, deadline)
                say(f"Back to what was there before in {took(seconds)}, {took(lag)} behind.")
                readers.bind(connection, following)
                versions.drop_others(connection, whose, undone)
            except KeyboardInterrupt:
                versions.tell_stop(connection, whose, undone)
                raise
    say("Before the next dbt run go back to the former code, or it builds this again.")
    say(f"What was undone is kept until {end:%Y-%m-%d %H:%M}: invoke rollback brings it back.")


def _stream_tables(connection: Connection, version: Version) -> list[str]:
    rows = connection.execute(
        "select pgt_schema || '.' || pgt_name as name from pgtrickle.pgt_stream_tables"
        " where pgt_schema = any (%s)",
        (list(version.schemas.values()),),
    )
    return [row["name"] for row in rows]
