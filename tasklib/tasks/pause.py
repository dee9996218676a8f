"""Keep stream tables from being refreshed, and have them refreshed again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing

import psycopg

from tasklib.base.display import say
from tasklib.base.errors import UserError, refused
from tasklib.base.plain import plain
from tasklib.catalog.database import Connection, as_scheduler, connect_to_primary, serialize
from tasklib.catalog.named import stream_tables
from tasklib.catalog.owner import Owner
from tasklib.catalog.queries import first_line, render
from tasklib.catalog.rows import Named
from tasklib.project.project import Project
from tasklib.tasks.refresh import refresh_one

# only a run that builds what they read, or them, gets these going
NEEDS_A_BUILD = {"source_dropped", "storage_gone"}


def pause(project: Project, models: Sequence[str]) -> None:
    """Suspend stream tables, as `status: PAUSED` in their models does.

    Args:
        project: the project.
        models: models or stream tables.

    Raises:
        UserError: one is unknown or can't be suspended; those before it are.
    """
    _each(project, models, "pause", _pause)


def resume(project: Project, models: Sequence[str]) -> None:
    """Have stream tables refreshed again, and refresh them.

    Whatever keeps them from it goes: a pause, an error, a blown fuse, a frozen tier.

    Args:
        project: the project.
        models: models or stream tables.

    Raises:
        UserError: one is unknown or can't be refreshed; it is as it was, those before it go on.
    """
    _each(project, models, "resume", _resume)


def _each(
    project: Project,
    models: Sequence[str],
    task: str,
    act: Callable[[Connection, Named], list[str]],
) -> None:
    with closing(connect_to_primary(project.environment(), task)) as connection:
        as_scheduler(connection)
        for table in stream_tables(connection, project, models):
            try:
                for line in act(connection, table):
                    say(line)
            except psycopg.Error as error:
                raise UserError(
                    f"{plain(table['subject'])} is as it was: {first_line(error)}",
                    f"Correct the data, the model or this role's rights; {_state(table)}",
                ) from None


def _state(table: Named) -> str:
    return f"its state: invoke freshness {plain(table['handle'])}"


def _pause(connection: Connection, table: Named) -> list[str]:
    if table["refresh_mode"] == "IMMEDIATE":
        # the next write into a source makes it ACTIVE again (observed on 0.67.0)
        raise UserError(
            f"{plain(table['subject'])} is IMMEDIATE: every write into what it reads goes on "
            "changing it.",
            "Give it another refresh_mode to pause it.",
        )
    with connection.transaction():
        serialize(connection)
        _alter(connection, table, "status", "SUSPENDED")
    told = [f"{table['subject']} is paused, until: invoke resume {table['handle']}"]
    if table["readers"]:
        told.append(f"  With it stay as they are: {', '.join(table['readers'])}")
    return told


def _resume(connection: Connection, table: Named) -> list[str]:
    if table["reason"] in NEEDS_A_BUILD:
        raise refused(table)
    with connection.transaction():
        serialize(connection)
        if table["reason"] == "renamed":
            statements = render("pgtrickle__call_as_they_are", ids=[table["pgt_id"]])
            connection.execute(f"do $names$ begin {statements} end $names$".encode())
            table["call_name"] = table["subject"]
        if table["reason"] == "fuse_blown":
            Owner(connection, table["owner"]).call("reset_fuse", table["call_name"], "reinitialize")
        elif table["status"] != "ACTIVE":
            _alter(connection, table, "status", "ACTIVE")
        if table["frozen"]:
            _alter(connection, table, "tier", "hot")
        refresh_one(connection, table["call_name"], table["owner"])
    told = [f"{table['subject']} is refreshed again."]
    if table["paused_by_model"]:
        told.append("  Its model says status: PAUSED, so the next invoke run pauses it again.")
    return told


def _alter(connection: Connection, table: Named, setting: str, value: str) -> None:
    owner = Owner(connection, table["owner"])
    owner.call("alter_stream_table", table["call_name"], **{setting: value})
