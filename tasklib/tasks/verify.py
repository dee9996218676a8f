"""Does every stream table hold what its query gives? Asked of the data, not of the extension."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import cast

import psycopg
from psycopg import sql
from rich.progress import Progress

from tasklib.base.display import Columns, ask, progress_bar, show_check, worst_first
from tasklib.base.errors import UserError
from tasklib.base.findings import ERROR, WARN, Judged
from tasklib.base.plain import plain
from tasklib.catalog.database import (
    Connection,
    as_scheduler,
    connect_to_primary,
    place,
)
from tasklib.catalog.owner import Owner, ask_json
from tasklib.catalog.queries import fetch, first_line, render
from tasklib.catalog.rows import AnyRow, CdcHealth, ComparisonSummary, Contents, PendingQuestion
from tasklib.catalog.scope import scope
from tasklib.project.project import Project
from tasklib.tasks import cdc_health
from tasklib.tasks.refresh import refresh_one

# the table, or a partition in its place, with the condition on its rows
Parts = Sequence[tuple[Contents, str]]


class Verified(Judged, total=False):
    """The verdict on a stream table, with what was counted and a few examples."""

    model: str | None
    reason: str
    held_rows: int
    extra_rows: int
    missing_rows: int
    extra: list[AnyRow]
    missing: list[AnyRow]


COLUMNS: Columns[Verified] = {
    "rows": lambda row: row.get("held_rows"),
    "missing": lambda row: row.get("missing_rows"),
    "extra": lambda row: row.get("extra_rows"),
}
SNAPSHOTS = 5
# what text is told that isn't of a column's type
NO_VALUE = (
    psycopg.errors.InvalidTextRepresentation,
    psycopg.errors.InvalidDatetimeFormat,
    psycopg.errors.DatetimeFieldOverflow,
    psycopg.errors.NumericValueOutOfRange,
)
EXAMPLES = 3
REBUILT = "note: it is behind, and a full refresh makes it right, whatever else it holds by now"


@dataclass(frozen=True)
class Extent:
    """Which rows are compared: all, a share, those from some value on, those of a partition.

    Args:
        share: percent of the rows, chosen by their contents, so the same on both sides.
        since: `column=value`; rows where the column is at least that.
        partition: a partition's name, or `all` for each by itself, which takes less memory.
    """

    share: float = 100.0
    since: str = ""
    partition: str = ""

    @property
    def narrow(self) -> bool:
        """Whether rows may be left out."""
        return self.share < 100 or bool(self.since) or self.partition not in {"", "all"}

    def parts(self, connection: Connection, table: Contents) -> Parts:
        """What to compare by itself: the table, or a partition in its place; with its condition.

        Raises:
            UserError: the stream table has no such column or partition.
        """
        condition = self.condition(connection, table)
        found: list[tuple[Contents, str]] = [
            ({**table, "storage": part["storage"]}, f"{part['condition']} and {condition}")
            for part in table["partitions"] or ()
            if self.partition in {"all", part["name"]}
        ]
        if self.partition not in {"", "all"} and not found:
            names = ", ".join(part["name"] for part in table["partitions"] or ())
            raise UserError(
                f"{plain(table['subject'])} has no partition '{self.partition}'.",
                f"Its partitions: {plain(names)}" if names else "It has none: set partition_by",
                exit_code=2,
            )
        return found or [(table, condition)]

    def condition(self, connection: Connection, table: Contents) -> str:
        """The SQL that narrows both sides to it.

        Raises:
            UserError: the stream table has no such column, or since is no `column=value`.
        """
        parts = ["true"]
        if self.share < 100:
            terms = ", ".join(
                sql.Identifier(name).as_string(connection) for name in table["columns"]
            )
            bound = round(max(self.share, 0.01) * 100)
            hashed = f"pg_catalog.hash_record_extended(row({terms}), 0::bigint)::numeric"
            # of exact types: the search_path that this is read under isn't ours
            parts.append(f"pg_catalog.abs({hashed}) % 10000::numeric < {bound}::numeric")
        if self.since:
            column, separator, value = self.since.partition("=")
            if not separator or column not in table["columns"]:
                raise UserError(
                    f"'{self.since}' names no column of {plain(table['subject'])}.",
                    f"Write --since COLUMN=VALUE with one of: {plain(', '.join(table['columns']))}",
                    exit_code=2,
                )
            bounded = sql.SQL("{} >= {}").format(sql.Identifier(column), sql.Literal(value))
            parts.append(bounded.as_string(connection))
        return " and ".join(parts)


def verify(
    project: Project,
    models: Sequence[str] = (),
    *,
    extent: Extent = Extent(),
    repair: bool = False,
    everything: bool = False,
    all_owners: bool = False,
    yes: bool = False,
    as_json: bool = False,
) -> int:
    """Compare stream tables with their queries, row for row; show what differs.

    Args:
        project: the project.
        models: models or stream tables; by default this project's and what they read.
        extent: which rows.
        repair: rebuild afterwards what differs, and compare again.
        everything: without names, all of the database.
        all_owners: rebuild other roles' too, with their rights.
        yes: don't ask before that.
        as_json: print JSON.

    Returns:
        The exit status: 1 if one differs or can't be compared.

    Raises:
        UserError: (exit status 2) the catalog can't be read.
    """
    covered = scope(project, everything=everything)
    asked = {**covered.arguments, "names": json.dumps(list(models)) if models else None}
    with closing(connect_to_primary(project.environment(), "verify")) as connection:
        as_scheduler(connection)
        tables = fetch(connection, Contents, **asked)
        with progress_bar() as progress:
            rows = compare_all(connection, tables, extent, progress)
        wrong = [row for row in rows if row["reason"] == "differs"]
        notes = [] if models else covered.notes(connection)
        if repair and wrong:
            if not as_json:
                show_check("verify", rows, COLUMNS)
            mine, told = _whose(wrong, tables, all_owners=all_owners)
            notes += told
            named = ", ".join(table["subject"] + _of(table) for table in mine)
            if mine and (yes or ask(f"Rebuild {named} on {place(connection)}?")):
                notes += cdc_health.refill(connection, [table["subject"] for table in mine])
                tables = fetch(connection, Contents, **asked)
                with progress_bar() as progress:
                    rows = compare_all(connection, tables, extent, progress)
    return show_check("verify", rows, COLUMNS, as_json=as_json, notes=notes)


def _whose(
    wrong: list[Verified], tables: list[Contents], *, all_owners: bool
) -> tuple[list[Contents], list[str]]:
    """Those of the tables that are wrong and may be rebuilt, and a note on the others."""
    subjects = {row["subject"] for row in wrong}
    found = [table for table in tables if table["subject"] in subjects]
    left = [table for table in found if not (all_owners or table["is_ours"])]
    if not left:
        return found, []
    named = ", ".join(table["subject"] + _of(table) for table in left)
    note = f"Not rebuilt, being other roles': {named}. --all-owners rebuilds them too."
    return [table for table in found if table not in left], [note]


def _of(table: Contents) -> str:
    return "" if table["is_ours"] else f" ({table['owner']}'s)"


def compare_all(
    connection: Connection, tables: list[Contents], extent: Extent, progress: Progress
) -> list[Verified]:
    """Verdicts on stream tables, worst first.

    Args:
        connection: to the database.
        tables: rows of pgtrickle__contents.
        extent: which rows.
        progress: where to count them, and the partitions of one.
    """
    rows = []
    bar = progress.add_task("verify", total=len(tables))
    for table in tables:
        progress.update(bar, description=table["subject"])
        rows.append(compare(connection, table, extent, progress))
        progress.advance(bar)
    return sorted(rows, key=worst_first)


def compare(
    connection: Connection, table: Contents, extent: Extent, progress: Progress | None = None
) -> Verified:
    """The verdict on one stream table.

    It is compared as it stands, for a full refresh would mend what is to be found. Only where it
    differs while changes wait is it refreshed and compared again.
    """
    answer: Verified = {
        "subject": table["subject"], "model": table["model"], "verdict": table["verdict"],
        "reason": table["reason"], "cause": table["cause"], "remedy": table["remedy"],
    }  # fmt: skip
    if table["reason"]:
        return answer
    again = f"invoke verify {table['model'] or table['subject']}"
    parts = extent.parts(connection, table)
    try:
        found, pending = _compare_as_it_stands(connection, table, parts, extent, progress)
        if pending and found.differs:
            found = _compare_refreshed(connection, table, parts, extent, progress)
            if found.doubt:
                answer["cause"] = found.doubt
    except _UnsettledError:
        return {
            **answer,
            "verdict": ERROR,
            "reason": "unconfirmed",
            "cause": "it differs, but its sources are being written to, so it may only be behind",
            "remedy": "Try again at a quieter time",
        }
    except psycopg.Error as error:
        if isinstance(error, psycopg.errors.InsufficientPrivilege):
            remedy = f"Have that right given to {table['owner']} or to this role, then: {again}"
        elif extent.since and isinstance(error, NO_VALUE):
            remedy = f"Write --since with a value of that column's type, or leave it out: {again}"
        else:
            remedy = f"Correct the model or what it reads, then: {_build(table)}"
        return {
            **answer,
            "verdict": ERROR,
            "reason": "failed",
            "cause": f"it can't be compared: {first_line(error)}",
            "remedy": remedy,
        }
    if found.differs:
        answer |= {
            "verdict": ERROR,
            "reason": "differs",
            "cause": _told(found.counts) + _explanation(connection, table),
            "remedy": f"Rebuild it: {again} --repair",
        }
    elif found.left_out:
        answer |= {
            "verdict": WARN,
            "reason": "nothing_compared",
            "cause": "no row was compared: it has some, but none of those asked for",
            "remedy": f"Compare all: {again}",
        }
    return {**answer, **found.counts}


@dataclass(frozen=True)
class _Comparison:
    """What was counted, whether there are rows though none of those asked for, what stays open."""

    counts: ComparisonSummary
    left_out: bool
    doubt: str = ""

    @property
    def differs(self) -> bool:
        return bool(self.counts["missing_rows"] or self.counts["extra_rows"])


class _UnsettledError(Exception):
    """Writers have kept it from being told whether a difference is one."""


def _compare_refreshed(
    connection: Connection,
    table: Contents,
    parts: Parts,
    extent: Extent,
    progress: Progress | None,
) -> _Comparison:
    """What it finds after a refresh, both in one snapshot; for what comes meanwhile doesn't count.

    It is rolled back, so nobody has to wait for it: neither writers, lest a change of theirs be
    lost (pgtrickle__wait_for_writers), nor what they have written.

    Raises:
        _UnsettledError: it differs, but not for certain.
    """
    for _ in range(SNAPSHOTS):
        with (
            contextlib.suppress(psycopg.errors.SerializationFailure),
            connection.transaction(force_rollback=True),
        ):
            connection.execute("set transaction isolation level repeatable read")
            connection.execute("select set_config('dbt_pgtrickle.rolled_back', 'on', true)")
            _hold_nothing_back(connection)
            refresh_one(connection, table["call_name"], table["owner"])
            found = _compare(connection, parts, extent, progress)
            if not found.differs:
                return replace(found, doubt=_doubt(connection, table))
            if not _is_pending(connection, table):
                return found
    raise _UnsettledError


def _is_pending(connection: Connection, table: Contents) -> bool:
    """Whether it may differ by right, in this transaction's snapshot."""
    question = fetch(connection, PendingQuestion, pgt_id=table["pgt_id"])[0]
    return bool(connection.execute(question["question"].encode()).fetchall()[0]["pending"])


def _compare_as_it_stands(
    connection: Connection,
    table: Contents,
    parts: Parts,
    extent: Extent,
    progress: Progress | None,
) -> tuple[_Comparison, bool]:
    with connection.transaction(force_rollback=True):
        connection.execute("set transaction isolation level repeatable read")
        found = _compare(connection, parts, extent, progress)
        return found, found.differs and _is_pending(connection, table)


def _compare(
    connection: Connection,
    parts: Parts,
    extent: Extent,
    progress: Progress | None,
) -> _Comparison:
    """What its query gives, asked for its owner, against what the stream table holds."""
    total: ComparisonSummary = {
        "held_rows": 0, "extra_rows": 0, "missing_rows": 0, "extra": [], "missing": []
    }  # fmt: skip
    table = parts[0][0]
    owner = Owner(connection, table["owner"])
    with connection.transaction(force_rollback=True):
        view = owner.view(table["query"])
        _require_columns(connection, table, view)
        owner.seal()
        query = f"select * from {view}"  # noqa: S608 a name of our own
        bar = progress.add_task("partitions", total=len(parts)) if progress and parts[1:] else None
        for part, condition in parts:
            asked = {**part, "query": query}
            summary = render("pgtrickle__comparison_summary", table=asked, condition=condition)
            found = cast(ComparisonSummary, ask_json(owner, summary))
            total = {
                "held_rows": total["held_rows"] + found["held_rows"],
                "extra_rows": total["extra_rows"] + found["extra_rows"],
                "missing_rows": total["missing_rows"] + found["missing_rows"],
                "extra": [*total["extra"], *found["extra"]][:EXAMPLES],
                "missing": [*total["missing"], *found["missing"]][:EXAMPLES],
            }
            if progress and bar is not None:
                progress.advance(bar)
        if progress and bar is not None:
            progress.remove_task(bar)
        left_out = (
            extent.narrow and not total["held_rows"] and _has_rows(owner, table["storage"], query)
        )
    return _Comparison(total, left_out)


def _build(table: Contents) -> str:
    return f"invoke run --select {table['model']}" if table["model"] else "invoke run"


def _has_rows(owner: Owner, storage: str, query: str) -> bool:
    """Whether the stream table or its query has any row."""
    sides = (storage, f"({query}) as query_result")
    present = " or ".join(f"exists (select from {side})" for side in sides)
    return bool(ask_json(owner, f"select {present} as present")["present"])


def _doubt(connection: Connection, table: Contents) -> str:
    """What a good verdict leaves open: a full refresh wipes out whatever was wrong."""
    mode = connection.execute(
        "select effective_refresh_mode from pgtrickle.pgt_stream_tables where pgt_id = %s",
        (table["pgt_id"],),
    ).fetchall()[0]["effective_refresh_mode"]
    return REBUILT if "FULL" in {mode, table["refresh_mode"]} else ""


def _require_columns(connection: Connection, table: Contents, view: str) -> None:
    rows = connection.execute(
        "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0"
        " and not starts_with(attname, '__pgt_') order by attnum",
        (view,),
    )
    columns = [row["attname"] for row in rows]
    if set(columns) != set(table["columns"]):
        raise psycopg.ProgrammingError(
            f"its columns are {', '.join(table['columns'])}, its query gives {', '.join(columns)}"
        )


def _hold_nothing_back(connection: Connection) -> None:
    """Have the refresh go as far as this transaction sees.

    It would stop at the oldest snapshot, also of those who wait to write (observed on 0.67.0). A
    superuser's to set.
    """
    with contextlib.suppress(psycopg.errors.InsufficientPrivilege), connection.transaction():
        connection.execute("select set_config('pg_trickle.frontier_holdback_mode', 'none', true)")


def _told(found: ComparisonSummary) -> str:
    sides = (
        ("missing", found["missing_rows"], found["missing"]),
        ("extra", found["extra_rows"], found["extra"]),
    )
    return "; ".join(
        f"{number} rows {side}, such as {json.dumps(examples[0], ensure_ascii=False)}"
        for side, number, examples in sides
        if number
    )


def _explanation(connection: Connection, table: Contents) -> str:
    """The likely cause, where something points to one."""
    if table["unguarded"]:
        return "; its write guard is off: somebody may have written into it"
    for row in fetch(connection, CdcHealth):
        if row["verdict"] == ERROR and table["subject"] in (row["used_by"] or ()):
            return f"; {row['subject']}: {row['cause']}"
    if table["refresh_mode"] in {"DIFFERENTIAL", "IMMEDIATE"}:
        return "; its incremental refresh may get this query wrong: invoke soak tells"
    return ""
