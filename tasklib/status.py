"""How each stream table does, at a glance."""

from __future__ import annotations

import time
from contextlib import closing

from rich.live import Live
from rich.table import Table
from rich.text import Text

from tasklib import manifest
from tasklib.database import Connection, connect_to_catalog
from tasklib.display import MARKS, console, duration, print_json
from tasklib.project import Project
from tasklib.queries import Row, fetch

BARS = "▁▂▃▄▅▆▇█"


def show(project: Project, *, as_json: bool = False) -> None:
    """Show every stream table with its modes, schedule, age, errors and the cost of its refreshes.

    Args:
        project: the project.
        as_json: print JSON.

    Raises:
        UserError: (exit status 2) the catalog can't be read.
    """
    with closing(connect_to_catalog(project.environment())) as connection:
        rows = read(project, connection)
    if as_json:
        print_json({"stream_tables": rows})
    else:
        console().print(table(rows))


def watch(project: Project, interval: float) -> None:
    """Show the same until Ctrl-C, anew every so many seconds.

    Raises:
        UserError: (exit status 2) the catalog can't be read.
    """
    with (
        closing(connect_to_catalog(project.environment())) as connection,
        Live(table(read(project, connection)), console=console(), auto_refresh=False) as live,
    ):
        try:
            while True:
                time.sleep(interval)
                live.update(table(read(project, connection)), refresh=True)
        except KeyboardInterrupt:
            return


def read(project: Project, connection: Connection) -> list[Row]:
    """What the database knows about each stream table, the worst first."""
    managed = manifest.as_json(manifest.stream_table_models(project))
    return fetch(connection, "pgtrickle__status", managed=managed)


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
    return f"{bars} {milliseconds[-1]:.0f} ms"


def _age(row: Row) -> str:
    if row["age_seconds"] is None:
        return ""
    return f"{duration(row['age_seconds'])} of {duration(row['warn_seconds'])}"
