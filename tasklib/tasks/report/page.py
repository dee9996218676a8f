"""The page: what is asked of the database, and what is shown of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path
from typing import TypeVar

from tasklib.base import files
from tasklib.base.display import duration, took
from tasklib.base.findings import OK, Judged
from tasklib.catalog.database import connect_to_catalog
from tasklib.catalog.queries import fetch
from tasklib.catalog.rows import CdcHealth, History, Lineage, Staleness, Status
from tasklib.catalog.scope import scope
from tasklib.project.project import Project
from tasklib.tasks.report.chart import Point, bars, over_time
from tasklib.tasks.report.graph import graph
from tasklib.tasks.report.svg import COLOURS, text
from tasklib.tasks.status import mode, why

ENTRIES = 200
# so that the page stays one that a browser opens, and somebody reads
SHOWN, LINES, POINTS = 200, 40, 5000
V = TypeVar("V")
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222; margin: 2rem auto; padding: 0 1rem;
max-width: 70rem } table { border-collapse: collapse; width: 100% } td, th { padding: .3rem .6rem;
text-align: left; border-bottom: 1px solid #ddd; vertical-align: top } .mark { font-weight: 600 }
.drawing { overflow-x: auto } svg text { font: 12px ui-monospace, monospace }
svg path { fill: none; stroke: #b9bec6 } svg polyline { fill: none; stroke-width: 1.5 }
svg .grid { stroke: #e6e8eb } svg .axis { fill: #666 } .bar { width: 60% }
.bar i { display: block; height: 1em; background: #3b6fb6 } .legend span { display: inline-block;
margin-right: 1.2em }
.legend i { display: inline-block; width: .8em; height: .8em; margin-right: .4em }
"""


def write(project: Project, path: Path, *, everything: bool = False) -> Path:
    """Write the report: health, graph, staleness, refresh cost, rows changed, backlog and errors.

    Args:
        project: the project; its stream tables and what they read are shown.
        path: the file.
        everything: all of the database.

    Raises:
        UserError: (exit status 2) the catalog can't be read, or the file not be written.
    """
    covered = scope(project, everything=everything)
    with closing(connect_to_catalog(project.environment())) as connection:
        tables = fetch(connection, Status, **covered.arguments)
        relations = fetch(connection, Lineage, **covered.arguments)
        shown = {row["subject"] for row in tables[:SHOWN]}
        history = fetch(
            connection, History, names=json.dumps(sorted(shown)), entries=ENTRIES,
            most=POINTS, **covered.arguments,
        )  # fmt: skip
        capture = fetch(connection, CdcHealth, **covered.arguments)
        staleness = fetch(connection, Staleness, **covered.arguments)
        notes = covered.notes(connection)
    if len(tables) > SHOWN:
        notes.append(
            f"The {SHOWN} worst of {len(tables)} stream tables, and of each figure over time the "
            f"{LINES} highest: invoke status has all of them."
        )
        relations = _beside(relations, shown)
    staleness = [row for row in staleness if row["subject"] in shown]
    wrong = [row for row in capture if row["verdict"] != OK]
    verdicts: dict[str, Judged] = {row["subject"]: row for row in (*reversed(capture), *tables)}
    waiting = {row["subject"]: row["pending_rows"] for row in capture if row["pending_rows"]}
    sections = {
        "Health": _health(tables[:SHOWN], wrong[:SHOWN]),
        "What reads what": graph(relations, verdicts),
        "Staleness over time (since the refresh before)": over_time(
            _series((r["subject"], r["moment"], r["staleness_seconds"]) for r in staleness),
            duration,
        ),
        "Duration of refreshes": over_time(
            _series((r["subject"], r["start_time"], _seconds(r)) for r in history), took
        ),
        "Rows changed": over_time(
            _series((r["subject"], r["start_time"], _rows_changed(r)) for r in history), _whole
        ),
        "Changes that wait at the sources": bars(_highest(waiting, lambda number: number), _whole),
        "Errors of refreshes": _errors(tables[:SHOWN], history),
    }
    page = "".join(f"<h2>{title}</h2>{section}" for title, section in sections.items())
    now = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    with files.explained(path):
        path.write_text(
            f"<!doctype html><html lang='en'><meta charset='utf-8'>"
            f"<title>{text(project.slug)}</title><style>{STYLE}</style>"
            f"<h1>Stream tables of {text(project.slug)}</h1>"
            f"{''.join(f'<p>{text(line)}</p>' for line in (now, *notes))}{page}</html>",
            encoding="utf-8",
        )
    return path


def _beside(relations: list[Lineage], shown: set[str]) -> list[Lineage]:
    """What is shown, and what that reads; no edge leads to what isn't there."""
    kept = {row["relid"] for row in relations if row["subject"] in shown}
    kept |= {read for row in relations if row["relid"] in kept for read in row["reads"]}
    return [
        {**row, "reads": [read for read in row["reads"] if read in kept]}
        for row in relations
        if row["relid"] in kept
    ]


def _health(tables: Sequence[Status], sources: Sequence[CdcHealth]) -> str:
    shown: list[tuple[Judged, str, str | None, str]] = [
        *((row, mode(row), row["schedule"], why(row)) for row in tables),
        *((row, "", None, row["cause"]) for row in sources),
    ]
    lines = []
    for row, held, schedule, cause in shown:
        cells = (row["subject"], held, schedule, " → ".join(filter(None, (cause, row["remedy"]))))
        verdict = "fresh" if row["verdict"] == OK else row["verdict"]
        lines.append(
            f"<tr><td class='mark' style='color:{COLOURS[row['verdict']]}'>{verdict}</td>"
            + "".join(f"<td>{text(cell)}</td>" for cell in cells)
            + "</tr>"
        )
    titles = "".join(f"<th>{name}</th>" for name in ("", "subject", "mode", "schedule", "cause"))
    return f"<table><tr>{titles}</tr>{''.join(lines)}</table>"


def _series(points: Iterable[tuple[str, datetime, float | None]]) -> dict[str, list[Point]]:
    """The values that are known, by stream table and in the order of time."""
    found: dict[str, list[Point]] = {}
    for subject, moment, value in sorted(points, key=lambda point: point[1]):
        if value is not None:
            found.setdefault(subject, []).append((moment, value))
    return _highest(found, lambda line: max(value for _, value in line))


def _highest(values: Mapping[str, V], height: Callable[[V], float]) -> dict[str, V]:
    """As many as a drawing can tell apart, with the highest values, in their order."""
    highest = set(sorted(values, key=lambda name: height(values[name]), reverse=True)[:LINES])
    return {name: value for name, value in values.items() if name in highest}


def _seconds(row: History) -> float | None:
    return None if row["duration_ms"] is None else row["duration_ms"] / 1000


def _rows_changed(row: History) -> float:
    return float(row["rows_inserted"] + row["rows_updated"] + row["rows_deleted"])


def _whole(value: float) -> str:
    return f"{value:,.0f}"


def _errors(tables: list[Status], history: list[History]) -> str:
    """The errors that stand now, and those that the history remembers."""
    now = [(row["subject"], "now", row["error_message"]) for row in tables]
    past = [
        (row["subject"], f"{row['start_time']:%Y-%m-%d %H:%M:%S}", row["error_message"])
        for row in history
    ]
    lines = [
        "<tr>" + "".join(f"<td>{text(cell)}</td>" for cell in entry) + "</tr>"
        for entry in [*now, *past]
        if entry[2]
    ]
    return f"<table>{''.join(lines)}</table>" if lines else "<p>None.</p>"
