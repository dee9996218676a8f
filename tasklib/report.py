"""One HTML file about the stream tables that opens without a network."""

from __future__ import annotations

import html
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from tasklib.database import connect_to_catalog
from tasklib.errors import UserError
from tasklib.project import Project
from tasklib.queries import Row, fetch
from tasklib.scope import scope
from tasklib.status import mode

COLOURS = {"ok": "#2e9e5b", "warn": "#e0a100", "error": "#d0342c"}
ENTRIES = 200
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #222;
margin: 2rem auto; padding: 0 1rem; max-width: 70rem }
table { border-collapse: collapse; width: 100% } td, th { padding: .3rem .6rem; text-align: left;
border-bottom: 1px solid #ddd; vertical-align: top } .mark { font-weight: 600 }
"""


def write(project: Project, path: Path, *, everything: bool = False) -> Path:
    """Write the report: health, graph, staleness, refresh cost, rows changed, backlog and errors.

    Args:
        project: the project; its stream tables and what they read are shown.
        path: the file.
        everything: all of the database.

    Raises:
        UserError: (exit status 2) the catalog can't be read, or plotly is not installed.
    """
    try:
        from plotly import graph_objects, offline  # noqa: PLC0415 optional, for this task alone
    except ModuleNotFoundError:
        raise UserError(
            "The report needs the package plotly, which draws it.", "pip install plotly", 2
        ) from None
    covered = scope(project, everything=everything)
    with closing(connect_to_catalog(project.environment())) as connection:
        tables = fetch(connection, "pgtrickle__status", **covered.arguments)
        shown = {row["subject"] for row in tables}
        plan = fetch(
            connection, "pgtrickle__refresh_plan",
            managed=None, names=None, schema_name=None, only=False,
        )  # fmt: skip
        places = [place for place in plan if place["subject"] in shown]
        history = fetch(
            connection, "pgtrickle__history", names=None, entries=ENTRIES, **covered.arguments
        )
        capture = fetch(connection, "pgtrickle__cdc_health", **covered.arguments)
        staleness = fetch(connection, "pgtrickle__staleness", **covered.arguments)
        notes = covered.notes(connection)
    charts = {
        "What reads what": _graph(graph_objects, tables, places),
        "Staleness over time (seconds since the refresh before)": _over_time(
            graph_objects, staleness, "moment", lambda row: row["staleness_seconds"]
        ),
        "Duration of refreshes (ms)": _over_time(
            graph_objects, history, "start_time", lambda row: row["duration_ms"]
        ),
        "Rows changed": _over_time(graph_objects, history, "start_time", _rows_changed),
        "Changes that wait at the sources": _backlog(graph_objects, capture),
    }
    drawn = "".join(
        f"<h2>{title}</h2>{_drawn(offline, figure)}" for title, figure in charts.items()
    )
    now = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    path.write_text(
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>{_text(project.slug)}</title>"
        f"<style>{STYLE}</style><script>{offline.get_plotlyjs()}</script>"
        f"<h1>Stream tables of {_text(project.slug)}</h1>"
        f"{''.join(f'<p>{_text(line)}</p>' for line in (now, *notes))}"
        f"<h2>Health</h2>{_health([*tables, *_problems(capture)])}{drawn}"
        f"<h2>Errors of refreshes</h2>{_errors(tables, history)}</html>",
        encoding="utf-8",
    )
    return path


def _drawn(offline: Any, figure: Any) -> str:
    if not figure.data or not any(len(trace.x or ()) for trace in figure.data):
        return "<p>Nothing is known.</p>"
    return str(
        offline.plot(
            figure, include_plotlyjs=False, output_type="div", config={"displayModeBar": False}
        )
    )


def _health(rows: list[Row]) -> str:
    lines = []
    for row in rows:
        cells = (
            row["subject"],
            mode(row) if "refresh_mode" in row else "",
            row.get("schedule"),
            " → ".join(filter(None, (row["cause"], row["remedy"]))),
        )
        colour, verdict = COLOURS[row["verdict"]], row["verdict"]
        lines.append(
            f"<tr><td class='mark' style='color:{colour}'>{verdict}</td>"
            + "".join(f"<td>{_text(cell)}</td>" for cell in cells)
            + "</tr>"
        )
    titles = "".join(f"<th>{name}</th>" for name in ("", "subject", "mode", "schedule", "cause"))
    return f"<table><tr>{titles}</tr>{''.join(lines)}</table>"


def _problems(capture: list[Row]) -> list[Row]:
    return [row for row in capture if row["verdict"] != "ok"]


def _graph(plotly: Any, tables: list[Row], places: list[Row]) -> Any:
    verdicts = {row["subject"]: row for row in tables}
    spots: dict[str, tuple[int, int]] = {}
    heights: dict[int, int] = {}
    for place in places:
        level = place["level"]
        heights[level] = heights.get(level, 0) + 1
        spots[place["subject"]] = (level, -heights[level])
    across: list[float | None] = []
    down: list[float | None] = []
    for place in places:
        for upstream in place["upstream"]:
            across += [spots[upstream][0], spots[place["subject"]][0], None]
            down += [spots[upstream][1], spots[place["subject"]][1], None]
    names = list(spots)
    known = [verdicts.get(name, {"verdict": "ok", "cause": ""}) for name in names]
    figure = plotly.Figure()
    figure.add_scatter(x=across, y=down, mode="lines", line={"color": "#bbb"}, hoverinfo="skip")
    figure.add_scatter(
        x=[spots[name][0] for name in names], y=[spots[name][1] for name in names],
        text=names, hovertext=[row["cause"] for row in known], mode="markers+text",
        textposition="top center",
        marker={"size": 18, "color": [COLOURS[row["verdict"]] for row in known]},
    )  # fmt: skip
    figure.update_xaxes(visible=False, range=[-0.6, max(heights, default=0) + 0.6])
    figure.update_yaxes(visible=False, range=[-max(heights.values(), default=0) - 0.5, -0.3])
    return _plain(figure, legend=False)


def _over_time(plotly: Any, rows: list[Row], time: str, value: Callable[[Row], object]) -> Any:
    figure = plotly.Figure()
    for subject in sorted({row["subject"] for row in rows}):
        own = sorted((row for row in rows if row["subject"] == subject), key=lambda row: row[time])
        figure.add_scatter(
            x=[row[time] for row in own], y=[value(row) for row in own],
            name=subject, mode="lines+markers",
        )  # fmt: skip
    figure.update_yaxes(rangemode="tozero")
    return _plain(figure, legend=True)


def _rows_changed(row: Row) -> int:
    return sum(row[f"rows_{change}"] for change in ("inserted", "updated", "deleted"))


def _errors(tables: list[Row], history: list[Row]) -> str:
    """The errors that stand now, and those that the history remembers."""
    now = [(row["subject"], "now", row["error_message"]) for row in tables]
    past = [
        (row["subject"], f"{row['start_time']:%Y-%m-%d %H:%M:%S}", row["error_message"])
        for row in history
    ]
    lines = [
        "<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in entry) + "</tr>"
        for entry in [*now, *past]
        if entry[2]
    ]
    return f"<table>{''.join(lines)}</table>" if lines else "<p>None.</p>"


def _backlog(plotly: Any, capture: list[Row]) -> Any:
    rows = [row for row in capture if row["pending_rows"] is not None]
    figure = plotly.Figure()
    figure.add_bar(x=[row["subject"] for row in rows], y=[row["pending_rows"] for row in rows])
    figure.update_yaxes(rangemode="nonnegative")
    return _plain(figure, legend=False)


def _plain(figure: Any, *, legend: bool) -> Any:
    figure.update_layout(
        template="plotly_white",
        showlegend=legend,
        height=320,
        margin={"l": 50, "r": 20, "t": 20, "b": 40},
    )
    return figure


def _text(value: object) -> str:
    return html.escape("" if value is None else str(value))
