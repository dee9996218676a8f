"""The task: try each construct incrementally and in FULL, show the table and what differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TypedDict

import psycopg
from rich.text import Text

from tasklib.base.display import cell, console, print_json, print_notes, progress_bar
from tasklib.base.errors import UserError
from tasklib.base.table import table
from tasklib.catalog import verdict
from tasklib.catalog.database import Connection, connect_to_primary
from tasklib.catalog.queries import first_line
from tasklib.catalog.trial import Trial, make_functions, try_query
from tasklib.project.project import Project
from tasklib.tasks.certify.constructs import Constructs, Outcomes, constructs, measured

MODES = ("DIFFERENTIAL", "FULL")
# long enough for every systematic round on a busy machine; most take less than one
SECONDS = 15.0
STYLES = {"right": "green", "unproved": "yellow", "untried": "yellow"}


class Certified(TypedDict):
    """A construct: its outcomes in the two modes, now and before, and the trials they are of."""

    subject: str
    query: str
    incremental: str
    full: str
    before: Outcomes | None
    differs: bool
    trials: list[Trial]


def certify(project: Project, *, containing: str = "", as_json: bool = False) -> None:
    """Show which SQL the installed engine keeps right, and what differs from 0.67.0.

    Args:
        project: the project; nothing of its own is read or written.
        containing: only constructs whose name or query has this text.
        as_json: print JSON.

    Raises:
        UserError: (exit status 2) nothing can be tried, or no construct has that text.
    """
    wanted = constructs(containing)
    if not wanted.queries:
        raise UserError(f"No construct has {containing!r} in its name or query.", "", 2)
    before = measured()
    rows = []
    with (
        closing(connect_to_primary(project.environment(), "certify")) as connection,
        progress_bar() as progress,
        # each trial is rolled back to here
        _made(connection, wanted.setup),
    ):
        bar = progress.add_task("certify", total=len(wanted.queries))
        for name in wanted.queries:
            progress.update(bar, description=name)
            rows.append(_tried(connection, wanted, name, before.outcomes.get(name)))
            progress.advance(bar)
    version = next((trial.version for row in rows for trial in row["trials"] if trial.version), "")
    notes = verdict.of_whom(version)
    if as_json:
        plain = [row | {"trials": [vars(trial) for trial in row["trials"]]} for row in rows]
        print_json("certify", None, plain, notes, version=version, measured=before.version)
        return
    _show(rows, before.version, notes)


@contextmanager
def _made(connection: Connection, setup: str) -> Iterator[None]:
    """A transaction in which a script has run, rolled back in the end."""
    with connection.transaction(force_rollback=True):
        try:
            make_functions(connection)
            connection.execute(setup.encode())
        except psycopg.Error as error:
            raise UserError(
                f"Nothing can be tried: {first_line(error)}",
                "This takes the right to create a schema in this database.",
                2,
            ) from None
        yield


def _tried(
    connection: Connection, wanted: Constructs, name: str, before: Outcomes | None
) -> Certified:
    trials = [try_query(connection, wanted.queries[name], mode, seconds=SECONDS) for mode in MODES]
    incremental, full = (trial.outcome for trial in trials)
    return {
        "subject": name, "query": wanted.queries[name], "incremental": incremental, "full": full,
        "before": before, "differs": before is not None and before != (incremental, full),
        "trials": trials,
    }  # fmt: skip


def _show(rows: list[Certified], before: str, notes: list[str]) -> None:
    out = console()
    shown = [
        (
            Text(row["subject"]),
            *(
                Text(found, style=STYLES.get(found, "red"))
                for found in (row["incremental"], row["full"])
            ),
            _remark(row, before),
        )
        for row in rows
    ]
    out.print(table(("construct", "incremental", "FULL", "remark"), shown, out.width))
    print_notes(notes)
    for title, found in (
        ("incrementally", [row["incremental"] for row in rows]),
        ("in FULL", [row["full"] for row in rows]),
    ):
        counts = Counter(found).most_common()
        out.print(f"{title}: {', '.join(f'{number} {outcome}' for outcome, number in counts)}")
    differ = sum(row["differs"] for row in rows)
    out.print(Text(f"certify: {len(rows)} constructs, {differ} not as on {before}", style="bold"))


def _remark(row: Certified, before: str) -> Text:
    """What was measured before where that differs, and the database's own words."""
    said = [(trial.error or {}).get("message", "") for trial in row["trials"]]
    if row["before"] and row["differs"]:
        was = f"on {before} {' and in FULL '.join(row['before'])}"
        return Text.assemble((was, "bold yellow"), f"; {said[0]}" if said[0] else "")
    return cell(next(filter(None, said), ""))
