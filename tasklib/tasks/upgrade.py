"""Move a running engine to the version of pg_trickle in invoke.yaml."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg import sql

from tasklib import engines
from tasklib.base.display import ask, say, warn
from tasklib.base.errors import UserError
from tasklib.catalog.database import Connection
from tasklib.catalog.queries import fetch, first_line
from tasklib.catalog.rows import DropPlan
from tasklib.engines import choice, lock, pins, unfinished
from tasklib.engines.base import STAND_IN, Move
from tasklib.engines.server import provision
from tasklib.engines.server.provision import Facts
from tasklib.project import dbt, manifest
from tasklib.project.project import Project
from tasklib.tasks import drop
from tasklib.tasks.deploy.task import deploy
from tasklib.tasks.deploy.terms import Terms
from tasklib.tasks.deploy.ways import show, ways

REBUILD = ("run", "--select", "config.materialized:stream_table+")
PINS = ("image", "release")

Pins = Mapping[str, dict[str, Any]]


def upgrade(project: Project, *, yes: bool = False) -> None:
    """Upgrade the extension; a failure leaves, or puts, everything back as it was.

    Args:
        project: the project, whose engine runs.
        yes: don't ask before stream tables are dropped and built again.

    Raises:
        UserError: the version can't be had or not be reached from the present one, nobody said
            yes, or dbt failed to build the stream tables again.
    """
    with lock.exclusive(project.state_dir):
        server = engines.engine(choice.current(project).engine, project)
        for step in server.wake():
            say(f"  {step}")
        with provision.open_database(project) as connection:
            present = provision.facts(connection)
        # one that was killed has dropped stream tables, and nobody has built them again
        rebuild = bool(unfinished.told(project))
        pinned = {kind: pins.read(project, kind) for kind in PINS}
        try:
            move = server.upgrade()
            if _is_there(present, move) and not rebuild:
                say(f"{present.extension_text} is what invoke.yaml asks for: nothing to do.")
                return
            if move.version and move.extension == present.extension:
                provision.require_forward(present, move.version)
            doomed = _doomed(project) if _needs_new_tables(present, move) else []
            _announce(present, move, doomed, yes=yes)
            if doomed:
                unfinished.begin(project, f"from {present.extension_text} to {move.text}")
            version = _carry_out(project, present, move, doomed, pinned)
        except BaseException:
            _restore(project, pinned)
            raise
    say(f"{present.extension_text} → {move.extension} {version}: upgraded.")
    if doomed or rebuild:
        _rebuild(project)
        unfinished.end(project)
    else:
        _renew(project, yes=yes)


def _is_there(present: Facts, move: Move) -> bool:
    return (present.extension, present.extension_version) == (move.extension, move.version)


def _needs_new_tables(present: Facts, move: Move) -> bool:
    return present.extension != move.extension or not provision.keeps_stream_tables(
        present.extension_version, move.version
    )


def _doomed(project: Project) -> list[DropPlan]:
    """The stream tables to drop and build again, dependents first.

    Raises:
        UserError: dbt couldn't build one of them again.
    """
    with contextlib.closing(provision.open_database(project)) as connection:
        if not provision.facts(connection).extension:
            return []  # a killed upgrade has dropped it, and them
        doomed = fetch(connection, DropPlan, managed=manifest.as_json(None))
    if not doomed:
        return []
    if dbt.run(project, "parse", "--quiet"):
        raise UserError(
            "dbt can't read the project, so it couldn't build the stream tables again.",
            "Correct it, then run `invoke upgrade` again; nothing was changed.",
        )
    managed = {
        f"{m.schema_name}.{m.table_name}" for m in manifest.stream_table_models(project) or []
    }
    strangers = [table["subject"] for table in doomed if table["subject"] not in managed]
    if strangers:
        raise UserError(
            f"The upgrade drops every stream table, and {', '.join(strangers)} "
            "would not come back: no model of this project makes it.",
            "Note its definition and drop it (pgtrickle.drop_stream_table), or make it a model.",
        )
    return doomed


def _announce(present: Facts, move: Move, doomed: Sequence[DropPlan], *, yes: bool) -> None:
    say(f"From {present.extension_text} to {move.text}.")
    if not doomed:
        return
    say("The stream tables of the one can't be used by the other, so these are dropped:")
    for table in doomed:
        views = ", ".join(table["goes_along"])
        say(f"  {table['subject']}" + (f"  (and with it: {views})" if views else ""))
    say("dbt then builds them again from their sources, which stay. Until then they are missing.")
    if not (yes or ask("Go on?")):
        raise UserError("Nothing was changed.", "Answer y, or add --yes.")


def _carry_out(
    project: Project, present: Facts, move: Move, doomed: Sequence[DropPlan], pinned: Pins
) -> str:
    """Do it all, or go back; give the version that the database has then."""
    try:
        _drop(project, present, move, doomed)
        for step in move.begin():
            say(f"  {step}")
        return provision.update(project, "" if move.extension == STAND_IN else move.version)
    except BaseException as error:
        say(f"That failed; going back to {present.extension_text}.")
        _restore(project, pinned)
        try:
            for step in move.undo():
                say(f"  {step}")
        except UserError as further:
            raise UserError(
                f"{error}\nGoing back failed as well: {further.cause}", further.remedy
            ) from None
        if doomed and dbt.run(project, *REBUILD) == 0:
            unfinished.end(project)
        raise


def _drop(project: Project, present: Facts, move: Move, doomed: Sequence[DropPlan]) -> None:
    with contextlib.closing(provision.open_database(project)) as connection:
        for table in doomed:
            drop.drop_one(connection, table)
        if present.extension not in ("", move.extension):
            _drop_extension(connection, present.extension)


def _drop_extension(connection: Connection, name: str) -> None:
    """Drop it with the change buffers that it leaves behind, and with nothing else."""
    statement = sql.SQL("drop extension {} cascade").format(sql.Identifier(name))
    try:
        with connection.transaction():
            before = _relations(connection)
            connection.execute(statement)
            lost = before - _relations(connection)
            if lost:
                raise UserError(
                    f"{', '.join(sorted(lost))} would go with the extension {name}.",
                    "Drop that yourself, then run `invoke upgrade` again.",
                )
    except psycopg.Error as error:
        raise UserError(
            f"{name} can't be dropped: {first_line(error)}",
            "Mend that, then run `invoke upgrade` again.",
        ) from None


def _relations(connection: Connection) -> set[str]:
    """The relations of the database that are not the extension's."""
    rows = connection.execute(
        """
        select oid::regclass::text as name
          from pg_class
         where relkind in ('r', 'p', 'v', 'm', 'f')
           and relnamespace::regnamespace::text !~ '^(pgtrickle|pg_toast|pg_temp)'
        """
    ).fetchall()
    return {row["name"] for row in rows}


def _rebuild(project: Project) -> None:
    if dbt.run(project, *REBUILD):
        raise UserError(
            "dbt didn't build all stream tables again.", "Mend what it said, then `invoke run`."
        )


def _renew(project: Project, *, yes: bool) -> None:
    """What the new version, by trials of its own, keeps otherwise than the former one did."""
    if not manifest.stream_table_models(project):
        return
    try:
        found = ways(project, (), full_refresh=False, state="")
        # what isn't there yet is no matter of the version
        if not any(way["bytes"] or way["way"] == "in place" for way in found):
            return
        say("By this version's own trials something changes:")
        show(found)
        if yes or ask("Build it beside what is in use, and swap, as invoke deploy does?"):
            deploy(project, terms=Terms())
        else:
            say("Later: invoke deploy")
    except UserError as error:
        warn(f"What is built isn't tried again yet: {error.cause} Then: invoke deploy")


def _restore(project: Project, pinned: Pins) -> None:
    for kind, pin in pinned.items():
        if pins.read(project, kind) != pin:
            pins.write(project, kind, pin)
