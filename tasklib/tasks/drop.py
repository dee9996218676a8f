"""Drop stream tables: dependents first, after saying what goes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing

import psycopg

from tasklib.base.display import ask, print_notes, say
from tasklib.base.errors import UserError
from tasklib.base.plain import plain
from tasklib.catalog.database import Connection, connect_to_primary, place, serialize
from tasklib.catalog.named import stream_tables
from tasklib.catalog.queries import fetch, first_line, render
from tasklib.catalog.rows import DropPlan
from tasklib.project import manifest
from tasklib.project.project import Project


def drop_all(
    project: Project, *, force: bool = False, all_owners: bool = False, yes: bool = False
) -> None:
    """Drop the stream tables of this project, or all of the catalog, and list what goes along.

    Args:
        project: the project.
        force: everything in the catalog, not this project's alone.
        all_owners: other roles' too.
        yes: don't ask.

    Raises:
        UserError: refused, or one can't be dropped (exit status 1); can't be asked (2).
    """
    models = None if force else manifest.stream_table_models(project)
    if models is None and not force:
        raise UserError(
            "dbt has not run here yet (no manifest.json): which are this project's isn't known.",
            "Run: invoke dbt -- parse; or take everything in the catalog: invoke drop-all --force",
            exit_code=2,
        )
    with closing(connect_to_primary(project.environment(), "drop-all")) as connection:
        asked = {"managed": manifest.as_json(models)}
        plan = fetch(connection, DropPlan, ours=not all_owners, **asked)
        going = {table["pgt_id"] for table in plan}
        everything = fetch(connection, DropPlan, **asked)
        _tell_left([table for table in everything if table["pgt_id"] not in going])
        if not plan:
            say("There is no stream table to drop.")
            return
        carry_out(connection, plan, yes=yes)


def drop(project: Project, models: Sequence[str], *, yes: bool = False) -> None:
    """Drop stream tables, and those of this project that read them, after naming them all.

    Args:
        project: the project.
        models: models or stream tables.
        yes: don't ask.

    Raises:
        UserError: one is unknown, refused, or can't be dropped; can't be asked (exit status 2).
    """
    managed = manifest.as_json(manifest.stream_table_models(project))
    with closing(connect_to_primary(project.environment(), "drop")) as connection:
        asked = [table["subject"] for table in stream_tables(connection, project, models)]
        plan = fetch(connection, DropPlan, managed=managed, names=json.dumps(asked))
        carry_out(connection, plan, yes=yes)


def _tell_left(tables: list[DropPlan]) -> None:
    if tables:
        listed = ", ".join(f"{table['subject']} ({table['owner']}'s)" for table in tables)
        print_notes([f"Left alone, being other roles': {listed}. --all-owners takes them too."])


def carry_out(connection: Connection, plan: list[DropPlan], *, yes: bool) -> None:
    """Say what goes, ask, and drop it.

    Args:
        connection: as the owner.
        plan: rows of pgtrickle__drop_plan.
        yes: don't ask.

    Raises:
        UserError: refused, or one can't be dropped; no is the answer.
    """
    refuse_kept_readers(plan)
    say(f"{len(plan)} stream table(s) to drop, dependents first:")
    for table in plan:
        views = ", ".join(table["goes_along"])
        also = "" if table["is_ours"] else f"  ({table['owner']}'s)"
        also += f"  (and with it: {views})" if views else ""
        say(f"  {table['subject']}{also}")
    if not (yes or ask(f"Drop them from {place(connection)}?")):
        raise UserError("Nothing was dropped.")
    for table in plan:
        drop_one(connection, table)
    say(f"Dropped {len(plan)} stream table(s).")


def refuse_kept_readers(plan: list[DropPlan]) -> None:
    """Stop before the first drop if a stream table that stays reads from one that goes.

    Raises:
        UserError: there is one.
    """
    for table in plan:
        if table["kept_readers"]:
            raise UserError(
                f"{plain(table['subject'])} is read by {plain(', '.join(table['kept_readers']))}, "
                "which would stay.",
                "If nobody needs it, drop it first: "
                f"invoke drop {plain(' '.join(table['kept_readers']))}",
            )


def drop_one(connection: Connection, table: DropPlan) -> None:
    """Drop one stream table in a transaction of its own.

    Raises:
        UserError: the extension refuses.
    """
    try:
        with connection.transaction():
            serialize(connection)
            statements = render("pgtrickle__drop_entry", pgt_id=table["pgt_id"])
            connection.execute(f"do $drop$ begin {statements} end $drop$".encode())
    except psycopg.Error as error:
        raise UserError(
            f"{plain(table['subject'])} can't be dropped: {first_line(error)}",
            "Those before it are gone; it and the rest are as they were.",
        ) from None
