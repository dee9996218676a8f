"""How results are shown: a table for people, JSON for programs, an exit status for both."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import Progress, TextColumn, TimeElapsedColumn
from rich.segment import Segment
from rich.text import Text

from tasklib.base.encoding import is_unicode
from tasklib.base.findings import (
    ERROR,
    OK,
    WARN,
    WORST_FIRST,
    Judged,
    Outcome,
    Told,
    Verdict,
    counted,
    worst,
)
from tasklib.base.plain import plain, plain_json
from tasklib.base.table import table

R = TypeVar("R", bound=Judged)
Columns = Mapping[str, Callable[[R], object]]

MARKS = {OK: ("✓ ok", "green"), WARN: ("! warn", "yellow"), ERROR: ("✗ error", "bold red")}
OUTCOMES = {
    "failed": "bold red",
    "blocked": "red",
    "skipped": "yellow",
    "left alone": "yellow",
    "suspended": "yellow",
    "current": "green",
    "refreshed": "green",
}
# of more than these nobody reads the good ones, and drawing them takes longer than asking for them
MANY = 100


def console(*, stderr: bool = False) -> Console:
    """Where a task prints; wide enough for a log when it is no terminal, unless COLUMNS says."""
    stream = sys.stderr if stderr else sys.stdout
    known = stream.isatty() or "COLUMNS" in os.environ
    width = None if known else 160
    return _Console(width=width, highlight=False, markup=False, stderr=stderr)


class _Console(Console):
    """One that writes what would act on the terminal as text, whatever it is part of."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """What is to be shown, piece by piece; rich's own control codes are pieces apart."""
        for piece in super().render(renderable, options):
            yield piece if piece.control else piece._replace(text=plain(piece.text, lines=True))


def cell(value: object, style: str = "") -> Text:
    """A value in one line."""
    return Text(plain(value), style)


def say(text: str) -> None:
    """Print a line, however wide the terminal is."""
    print(plain(text))


def show_check(
    check: str,
    rows: Sequence[R],
    columns: Columns[R],
    *,
    as_json: bool = False,
    notes: Sequence[str] = (),
) -> int:
    """Show a check's verdicts, worst first, and give the exit status (1 if one is an error).

    Args:
        check: the check's name.
        rows: the verdicts.
        columns: further columns, by title.
        as_json: print one JSON document instead of a table.
        notes: what else the reader should know.
    """
    verdict = worst(row["verdict"] for row in rows)
    if as_json:
        print_json(check, verdict, rows, notes)
        return int(verdict == ERROR)
    out = console()
    leave_out = len(rows) > MANY
    shown = [
        (
            Text(*MARKS[row["verdict"]]),
            cell(row["subject"]),
            *(cell(column(row)) for column in columns.values()),
            _told(row),
        )
        for row in rows
        if not leave_out or row["verdict"] != OK or row["cause"]
    ]
    if shown:
        out.print(table(("", "subject", *columns, "cause and remedy"), shown, out.width))
    print_notes(notes)
    summary = counted(row["verdict"] for row in rows)
    if len(rows) > MANY:
        summary += " (those with nothing to say are not listed; --json lists them)"
    out.print(Text(f"{check}: {summary or 'nothing to check'}", style=MARKS[verdict][1]))
    return int(verdict == ERROR)


def show_outcomes(action: str, rows: Sequence[Outcome]) -> None:
    """Show what became of each table of an action, the failed ones first, and count them."""
    out = console()
    shown = [
        (
            Text(row["outcome"], style=OUTCOMES[row["outcome"]]),
            cell(row["subject"]),
            Text(took(row["seconds"])),
            _told(row),
        )
        for row in sorted(rows, key=lambda row: list(OUTCOMES).index(row["outcome"]))
    ]
    if rows:
        out.print(table(("", "stream table", "time", "cause and remedy"), shown, out.width))
    summary = counted((row["outcome"] for row in rows), OUTCOMES)
    out.print(Text(f"{action}: {summary or 'nothing to do'}", style="bold"))


def print_notes(notes: Sequence[str]) -> None:
    """Print what else the reader should know, a line each."""
    for note in notes:
        console().print(cell(note, "yellow"))


def warn(text: str) -> None:
    """Say on standard error what the user should know, whatever standard output is for."""
    console(stderr=True).print(cell(text, "yellow"))


def progress_bar() -> Progress:
    """A progress bar on a terminal, nothing elsewhere; standard output stays free for results."""
    _, *others, _ = Progress.get_default_columns()
    columns = (TextColumn("{task.description}", markup=False), *others, TimeElapsedColumn())
    shown = console(stderr=True)
    return Progress(*columns, console=shown, transient=True, disable=not shown.is_terminal)


def waiting(text: str) -> contextlib.AbstractContextManager[object]:
    """Say on a terminal what the user waits for; nothing elsewhere."""
    shown = console(stderr=True)
    return shown.status(Text(text)) if shown.is_terminal else contextlib.nullcontext()


def worst_first(row: Judged) -> tuple[int, str]:
    """The order of verdicts."""
    return WORST_FIRST.index(row["verdict"]), row["subject"]


def print_json(
    check: str,
    verdict: Verdict | None,
    results: Sequence[object],
    notes: Sequence[str] = (),
    **more: object,
) -> None:
    """Print what every `--json` prints, one document; times in ISO 8601, durations in seconds.

    Args:
        check: the task's name.
        verdict: error, warn or ok; None of a task that judges nothing.
        results: a row for each subject.
        notes: what else the reader should know.
        more: what only this task has.
    """
    document = {
        "check": check, "verdict": verdict, "notes": list(notes), "results": list(results), **more
    }  # fmt: skip
    text = json.dumps(document, indent=2, ensure_ascii=not is_unicode(), default=_value)
    print(plain_json(text))


def ask(question: str) -> bool:
    """Ask for a yes; anything else, also no terminal to ask in, is a no."""
    try:
        return input(f"{plain(question)} [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        return False


def duration(seconds: float | None) -> str:
    """Seconds as people say them: 45 s, 12 min, 3 h, 5 days."""
    if seconds is None:
        return ""
    for limit, unit, name in ((120, 1, "s"), (7200, 60, "min"), (172800, 3600, "h")):
        if seconds < limit:
            # a clock may be a little behind the one that wrote down the moment
            return f"{max(0, seconds) / unit:.0f} {name}"
    return f"{seconds / 86400:.0f} days"


def took(seconds: float | None) -> str:
    """How long something took: 0.4 ms and less as <1 ms; empty where it was not measured."""
    if seconds is None:
        return ""
    if seconds < 0.0005:
        return "<1 ms"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def space(size: int | None) -> str:
    """Bytes as people say them: 8 kB; empty where they aren't known."""
    if size is None:
        return ""
    number = float(size)
    for unit in ("bytes", "kB", "MB", "GB"):
        if number < 1024:
            return f"{number:.0f} {unit}"
        number /= 1024
    return f"{number:.1f} TB"


def end(status: int) -> None:
    """Leave the task with an exit status, if it isn't 0."""
    if status:
        raise SystemExit(status)


def _told(row: Told) -> Text:
    told = cell(row["cause"])
    if row["remedy"]:
        remedy = plain(row["remedy"], lines=True)
        told.append("\n" if told else "").append(f"→ {remedy}", style="dim")
    return told


def _value(value: Any) -> object:
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
