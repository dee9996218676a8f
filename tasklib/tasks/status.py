"""How each stream table does, at a glance."""

from __future__ import annotations

import contextlib
import time
from contextlib import closing
from datetime import datetime

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from tasklib.base.display import MARKS, cell, console, duration, print_json, print_notes, took
from tasklib.base.table import table
from tasklib.catalog.database import Connection, connect_to_catalog
from tasklib.catalog.queries import fetch
from tasklib.catalog.rows import Status
from tasklib.catalog.scope import Scope, scope
from tasklib.project.project import Project

TITLES = (
    "", "stream table", "mode", "schedule", "refreshed", "changed", "cost", "problem",
)  # fmt: skip
BARS = "▁▂▃▄▅▆▇█"
# what the last trial of a stream table says against keeping it incrementally
TRIALS = {
    "wrong": "not right incrementally",
    "fails": "fails incrementally",
    "refused": "refused incrementally",
    "slow": "too slow incrementally",
    "unproved": "no trial proved it",
    "untried": "not tried",
}


def show(project: Project, *, everything: bool = False, as_json: bool = False) -> None:
    """Show stream tables with their modes, schedule, age, errors and the cost of their refreshes.

    Args:
        project: the project; its stream tables and what they read are shown.
        everything: all of the database.
        as_json: print JSON.

    Raises:
        UserError: (exit status 2) the catalog can't be read.
    """
    covered = scope(project, everything=everything)
    with closing(connect_to_catalog(project.environment())) as connection:
        rows = read(covered, connection)
        notes = covered.notes(connection)
    if as_json:
        print_json("status", None, rows, notes)
        return
    out = console()
    out.print(shown(rows, out.width))
    print_notes(notes)


def watch(project: Project, interval: float, *, everything: bool = False) -> None:
    """Show the same until Ctrl-C, anew every so many seconds.

    Raises:
        UserError: (exit status 2) the catalog can't be read.
    """
    covered = scope(project, everything=everything)
    out = console()
    with (
        closing(connect_to_catalog(project.environment())) as connection,
        Live(console=out, auto_refresh=False, vertical_overflow="visible") as live,
        contextlib.suppress(KeyboardInterrupt),
    ):
        while True:
            clock = f"{datetime.now():%H:%M:%S}"
            heading = f"{project.slug}  {clock}  every {interval:g} s, Ctrl-C ends"
            live.update(_screen(heading, read(covered, connection), out), refresh=True)
            time.sleep(interval)


def read(covered: Scope, connection: Connection) -> list[Status]:
    """What the database knows about each stream table, the worst first."""
    return fetch(connection, Status, **covered.arguments)


def shown(rows: list[Status], width: int) -> RenderableType:
    """The rows for people, in a terminal with so many columns."""
    if not rows:
        return Text("There is no stream table yet: invoke build")
    return table(TITLES, [_cells(row) for row in rows], width)


def _screen(heading: str, rows: list[Status], out: Console) -> Group:
    """As many rows as fit on the screen, the worst first, and how many more there are."""
    room = out.height - 3
    count = min(len(rows), room)
    while count > 1 and len(out.render_lines(shown(rows[:count], out.width))) > room:
        count -= 1
    more = f"… and {len(rows) - count} more: invoke status" if count < len(rows) else ""
    return Group(Text(heading, style="bold"), shown(rows[:count], out.width), Text(more))


def _cells(row: Status) -> tuple[Text, ...]:
    return (
        Text(*MARKS[row["verdict"]]),
        cell(row["subject"]),
        cell(mode(row)),
        cell(row["schedule"]),
        Text(_age(row)),
        Text("" if row["rows_changed"] is None else f"{row['rows_changed']} rows"),
        Text(cost(row["costs_ms"])),
        cell(why(row)),
    )


def why(row: Status) -> str:
    """What is wrong with a stream table, else what its trial found against keeping it as asked."""
    return str(row["cause"] or TRIALS.get(row["trial"] or "", ""))


def is_recomputed(row: Status) -> bool:
    """Whether a stream table is FULL although its model doesn't ask for that."""
    return bool(row["model"]) and "FULL" == row["refresh_mode"] != row["requested_mode"]


def mode(row: Status) -> str:
    """The mode in effect, with the one asked for where it is another."""
    asked, held = (row["requested_mode"] or "").lower(), (row["refresh_mode"] or "").lower()
    if asked and held and asked not in {held, "auto"}:
        return f"{held} (asked: {asked})"
    return f"{held} (fallback)" if asked == "auto" and held == "full" else held


def cost(milliseconds: list[float]) -> str:
    """The latest refreshes' durations as a sparkline, with the last one's figure."""
    if not milliseconds:
        return ""
    highest = max(milliseconds) or 1.0
    bars = "".join(BARS[int(value / highest * (len(BARS) - 1))] for value in milliseconds)
    return f"{bars} {took(milliseconds[-1] / 1000)}"


def _age(row: Status) -> str:
    if row["age_seconds"] is None:
        return ""
    return f"{duration(row['age_seconds'])} of {duration(row['warn_seconds'])}"
