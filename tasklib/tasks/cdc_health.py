"""Is every change of every source captured, and can it be made so?"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from tasklib.base.display import Columns, ask, say, show_check, worst_first
from tasklib.catalog.database import (
    Connection,
    as_scheduler,
    connect_to_catalog,
    has_function,
    keep_writers_away,
    place,
    require_primary,
    serialize,
)
from tasklib.catalog.owner import Owner
from tasklib.catalog.queries import fetch, first_line, is_replica, render
from tasklib.catalog.rows import AnyRow, CdcHealth, Recovery, RefreshPlan
from tasklib.catalog.scope import Scope, scope
from tasklib.project.project import Project

if TYPE_CHECKING:
    from typing_extensions import LiteralString

SOURCES = """
    select pg_catalog.format('%%I.%%I', nspname, relname) as name
    from pgtrickle.pgt_dependencies
    join pgtrickle.pgt_stream_tables using (pgt_id)
    join pg_catalog.pg_class source on source.oid = source_relid
    join pg_catalog.pg_namespace on pg_namespace.oid = relnamespace
    where pgt_schema || '.' || pgt_name = %s and source_type = 'TABLE' and relkind in ('r', 'p')
    order by source.oid
"""
LOCK_TIMEOUT = "10s"
OF_A_REPLICA = (
    "This is a read replica: slots, changes that wait and pg_trickle's own alerts are for the "
    "primary to tell."
)
COLUMNS: Columns[CdcHealth] = {
    "kind": lambda row: (row["source_type"] or "").lower().replace("_", " "),
    "read by": lambda row: ", ".join(row["used_by"] or ()),
    "waiting": lambda row: row["pending_rows"],
}
REPAIRABLE = {
    "alert", "not_watched", "trigger_missing", "trigger_disabled", "column_gone", "buffer_missing",
    "buffer_outdated", "buffer_shared", "slot_missing",
}  # fmt: skip
CAPTURE_TRIGGERS = """
    select namespace.nspname, relation.relname, tgname, tgenabled in ('O', 'A') as enabled
    from pg_catalog.pg_trigger
    join pg_catalog.pg_class relation on relation.oid = tgrelid
    join pg_catalog.pg_namespace namespace on namespace.oid = relation.relnamespace
    where tgrelid = any (%s::oid[])
      and (starts_with(tgname, 'pg_trickle_cdc_') or starts_with(tgname, 'pgt_ivm_'))
    order by tgrelid, tgname
"""


def check(
    project: Project,
    *,
    repair: bool = False,
    everything: bool = False,
    yes: bool = False,
    as_json: bool = False,
) -> int:
    """Judge the capture of each source; show the verdicts, and mend what can be mended if asked.

    Args:
        project: the project; what its stream tables read is judged.
        repair: afterwards mend what is wrong, and judge again.
        everything: what all stream tables of the database read.
        yes: don't ask before that.
        as_json: print JSON.

    Returns:
        The exit status: 1 if one of them is (still) an error.

    Raises:
        UserError: (exit status 2) it can't be checked.
    """
    covered = scope(project, everything=everything)
    with closing(connect_to_catalog(project.environment())) as connection:
        if repair:
            require_primary(connection, "cdc-health --repair")
        as_scheduler(connection)
        rows = judge(connection, covered)
        notes = covered.notes(connection)
        if is_replica(connection):
            notes.append(OF_A_REPLICA)
        broken = [row for row in rows if row["reason"] in REPAIRABLE]
        done: list[str] = []
        if repair and broken:
            if not as_json:
                show_check("cdc-health", rows, COLUMNS)
            subjects = ", ".join(sorted({row["subject"] for row in broken}))
            question = (
                f"On {place(connection)}: repair {subjects}, and fill anew "
                f"{', '.join(readers(broken))}?"
            )
            if yes or ask(question):
                for step in mend(connection, broken):
                    done.append(step)
                    if not as_json:
                        say(f"  {step}")
                rows = judge(connection, covered)
        return show_check(
            "cdc-health", rows, COLUMNS, as_json=as_json, notes=[*(done if as_json else ()), *notes]
        )


def judge(connection: Connection, covered: Scope) -> list[CdcHealth]:
    """The verdicts, worst first, with the extension's own word on recovery where it gives one."""
    rows = fetch(connection, CdcHealth, **covered.arguments)
    if has_function(connection, "validate_recovery"):
        rows += fetch(connection, Recovery)
    return sorted(rows, key=worst_first)


def mend(connection: Connection, broken: list[CdcHealth]) -> Iterator[str]:
    """Bring capture back and fill in what was lost meanwhile; say each step once it is done.

    Whoever reads a source is filled anew, other projects' stream tables too: once capture works
    again, nothing tells any more that they lost changes.

    Args:
        connection: as the owner of the sources.
        broken: verdicts of `judge` that can be repaired.
    """
    for trigger in _triggers(connection, broken, "trigger_missing"):
        if trigger["tgname"].startswith("pg_trickle_cdc_"):
            # repairing a stream table makes either all of its source's triggers or none
            yield _change_trigger(connection, "drop trigger {1} on {0}", "dropped", trigger)
    for trigger in _triggers(connection, broken, "trigger_disabled"):
        if not trigger["enabled"]:
            yield _change_trigger(
                connection, "alter table {0} enable trigger {1}", "enabled", trigger
            )
    if any(row["reason"] == "buffer_shared" for row in broken):
        yield _step("each table captured by itself", lambda: _take_apart(connection))
    if any(row["reason"].startswith(("buffer", "column")) for row in broken):
        yield _step(
            "capture of all sources rebuilt",
            lambda: connection.execute("select pgtrickle.rebuild_cdc_triggers()"),
        )
    yield from refill(connection, readers(broken))


def readers(broken: list[CdcHealth]) -> list[str]:
    """The stream tables that read what is broken, in order."""
    return sorted({reader for row in broken for reader in row["used_by"] or ()})


def refill(connection: Connection, subjects: list[str]) -> Iterator[str]:
    """Bind stream tables to their sources again and fill them anew; say each one once it is done.

    Args:
        connection: as their owner.
        subjects: their names, with schema.
    """
    plan = fetch(
        connection,
        RefreshPlan,
        names=json.dumps(subjects),
        only=True,
    )
    for table in plan:
        yield _step(
            f"{table['subject']} bound again and filled anew",
            lambda table=table: _refill(connection, table),  # type: ignore[misc]
        )


def _triggers(connection: Connection, broken: list[CdcHealth], reason: str) -> list[AnyRow]:
    sources = [row["source_relid"] for row in broken if row["reason"] == reason]
    return connection.execute(CAPTURE_TRIGGERS, (sources,)).fetchall()


def _change_trigger(
    connection: Connection, statement: LiteralString, done: str, trigger: AnyRow
) -> str:
    change = sql.SQL(statement).format(
        sql.Identifier(trigger["nspname"], trigger["relname"]), sql.Identifier(trigger["tgname"])
    )
    told = f"trigger {trigger['tgname']} on {trigger['nspname']}.{trigger['relname']} {done}"
    return _step(told, lambda: connection.execute(change))


def _take_apart(connection: Connection) -> None:
    with connection.transaction():
        serialize(connection)
        statements = render("pgtrickle__capture_apart", fill=False)
        connection.execute(f"do $apart$ begin {statements} end $apart$".encode())


def _keep_writers_away(connection: Connection, name: str) -> None:
    """Where this role may: what is open while a stream table is filled is lost for it (0.67.0)."""
    sources = connection.execute(SOURCES, (name,)).fetchall()
    with (
        contextlib.suppress(psycopg.errors.InsufficientPrivilege),
        connection.transaction(),
    ):
        keep_writers_away(connection, (row["name"] for row in sources), LOCK_TIMEOUT)


def _refill(connection: Connection, table: RefreshPlan) -> None:
    name = table["call_name"]
    with connection.transaction():
        serialize(connection)
        _keep_writers_away(connection, name)
        owner = Owner(connection, table["owner"])
        if table["refresh_mode"] == "IMMEDIATE":
            # only a change of mode makes the extension create the triggers of this mode again
            for mode in ("DIFFERENTIAL", "IMMEDIATE"):
                owner.call("alter_stream_table", name, refresh_mode=mode)
        else:
            owner.call("repair_stream_table", name)
            owner.call("refresh_stream_table", name)
        if table["status"] == "SUSPENDED":
            owner.call("alter_stream_table", name, status="SUSPENDED")


def _step(told: str, act: Callable[[], object]) -> str:
    try:
        act()
    except psycopg.Error as error:
        return f"not done: {told} ({first_line(error)})"
    return told
