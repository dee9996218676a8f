"""How each stream table does, at a glance."""

from __future__ import annotations

import time
from contextlib import closing

from rich.live import Live
from rich.table import Table
from rich.text import Text

from tasklib.database import Connection, connect_to_catalog
from tasklib.display import MARKS, console, duration, print_json, print_notes, took
from tasklib.project import Project
from tasklib.queries import Row, fetch
from tasklib.scope import Scope, scope

BARS = "▁▂▃▄▅▆▇█"


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
        print_json({"notes": notes, "stream_tables": rows})
        return
    console().print(table(rows))
    print_notes(notes)


def watch(project: Project, interval: float, *, everything: bool = False) -> None:
    """Show the same until Ctrl-C, anew every so many seconds.

    Raises:
        UserError: (exit status 2) the catalog can't be read.
    """
    covered = scope(project, everything=everything)
    with (
        closing(connect_to_catalog(project.environment())) as connection,
        Live(table(read(covered, connection)), console=console(), auto_refresh=False) as live,
    ):
        try:
            while True:
                time.sleep(interval)
                live.update(table(read(covered, connection)), refresh=True)
        except KeyboardInterrupt:
            return


def read(covered: Scope, connection: Connection) -> list[Row]:
    """What the database knows about each stream table, the worst first."""
    return fetch(connection, "pgtrickle__status", **covered.arguments)


def table(rows: list[Row]) -> Table:
    """The rows as a table for people."""
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for title in (
        "",
        "stream table",
        "mode",
        "schedule",
        "refreshed",
        "changed",
        "cost",
        "problem",
    ):
        shown.add_column(title, overflow="fold", no_wrap=title == "")
    for row in rows:
        words, style = MARKS[row["verdict"]]
        shown.add_row(
            Text(words, style=style),
            Text(row["subject"]),
            Text(mode(row)),
            Text(row["schedule"] or ""),
            Text(_age(row)),
            Text("" if row["rows_changed"] is None else f"{row['rows_changed']} rows"),
            Text(cost(row["costs_ms"])),
            Text(row["cause"] or ""),
        )
    if not rows:
        shown.add_row("", "There is no stream table yet: invoke build")
    return shown


def mode(row: Row) -> str:
    """The mode in effect, with the one asked for where it is another."""
    asked, held = ((row[key] or "").lower() for key in ("requested_mode", "refresh_mode"))
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


def _age(row: Row) -> str:
    if row["age_seconds"] is None:
        return ""
    return f"{duration(row['age_seconds'])} of {duration(row['warn_seconds'])}"
