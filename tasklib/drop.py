"""Drop stream tables: dependents first, after saying what goes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing

import psycopg

from tasklib import manifest
from tasklib.database import Connection, connect_to_catalog, serialize
from tasklib.display import ask, console
from tasklib.errors import UserError
from tasklib.named import stream_tables
from tasklib.project import Project
from tasklib.queries import Row, fetch, first_line, render


def drop_all(project: Project, *, force: bool = False, yes: bool = False) -> None:
    """Drop the stream tables of this project, or all of the catalog, and list what goes along.

    Args:
        project: the project.
        force: everything in the catalog, whoever made it.
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
    with closing(connect_to_catalog(project.environment())) as connection:
        plan = fetch(connection, "pgtrickle__drop_plan", managed=manifest.as_json(models))
        if not plan:
            console().print("There is no stream table to drop.")
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
    with closing(connect_to_catalog(project.environment())) as connection:
        asked = [table["subject"] for table in stream_tables(connection, project, models)]
        plan = fetch(connection, "pgtrickle__drop_plan", managed=managed, names=json.dumps(asked))
        carry_out(connection, plan, yes=yes)


def carry_out(connection: Connection, plan: list[Row], *, yes: bool) -> None:
    """Say what goes, ask, and drop it.

    Args:
        connection: as the owner.
        plan: rows of pgtrickle__drop_plan.
        yes: don't ask.

    Raises:
        UserError: refused, or one can't be dropped; no is the answer.
    """
    out = console()
    refuse_kept_readers(plan)
    out.print(f"{len(plan)} stream table(s) to drop, dependents first:")
    for table in plan:
        views = ", ".join(table["goes_along"])
        also = f"  (and with it: {views})" if views else ""
        out.print(f"  {table['subject']}{also}", markup=False)
    if not (yes or ask("Drop them?")):
        raise UserError("Nothing was dropped.")
    for table in plan:
        drop_one(connection, table)
    out.print(f"Dropped {len(plan)} stream table(s).")


def refuse_kept_readers(plan: list[Row]) -> None:
    """Stop before the first drop if a stream table that stays reads from one that goes.

    Raises:
        UserError: there is one.
    """
    for table in plan:
        if table["kept_readers"]:
            raise UserError(
                f"{table['subject']} is read by {', '.join(table['kept_readers'])}, "
                "which would stay.",
                f"If nobody needs it, drop it first: invoke drop {' '.join(table['kept_readers'])}",
            )


def drop_one(connection: Connection, table: Row) -> None:
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
            f"{table['subject']} can't be dropped: {first_line(error)}",
            "Those before it are gone; it and the rest are as they were.",
        ) from None
