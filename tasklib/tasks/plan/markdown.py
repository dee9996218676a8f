"""The plan as Markdown, for a comment on a pull request."""

from __future__ import annotations

import html
import re

from tasklib.base.display import space, took
from tasklib.base.plain import plain
from tasklib.catalog.orphans import told
from tasklib.tasks.plan.answer import Plan, PlanRow
from tasklib.tasks.plan.reasons import reasons

TITLES = ("", "stream table", "why", "on it", "fills", "readers", "deploy", "mode", "trial")
# GitHub takes 65,536 characters in a comment
ROOM = 60_000
SPECIAL = re.compile(r"([\\`*_{}\[\]|~#])")
# it would call a user of that name
MENTION = re.compile(r"(?<!\w)@\w[\w-]*")


def markdown(plan: Plan) -> str:
    """The plan's summary, and a table of what would change; what stays as it is is counted only.

    Args:
        plan: all of it.
    """
    changing = [row for row in plan["results"] if row["action"] != "unchanged"]
    lines = [f"### {plan['summary']}", ""]
    if changing:
        lines += [_line(TITLES), _line(["---"] * len(TITLES))]
    room = ROOM
    for number, row in enumerate(changing):
        line = _line(_cells(row))
        room -= len(line)
        if room < 0:
            lines += ["", f"… and {len(changing) - number} more: `invoke plan`"]
            break
        lines.append(line)
    if plan["orphans"]:
        lines += ["", *(f"- {_text(told(one))}: `invoke prune`" for one in plan["orphans"])]
    return "\n".join(lines)


def way(row: PlanRow) -> str:
    """How `invoke deploy` brings a change about, and in how much space.

    Args:
        row: one of the plan's stream tables.
    """
    size = space(row["bytes"]) if row["way"] == "beside" else ""
    return ", ".join(filter(None, [row["way"], size]))


def _cells(row: PlanRow) -> list[str]:
    size = "" if row["rows"] is None else f"{row['rows']:,} rows"
    time = "" if row["seconds"] is None else f" in {took(row['seconds'])}"
    asked, mode = row["asked"], row["mode"]
    return [
        f"**{row['action'].replace('_', ' ')}**",
        _code(row["relation"]),
        "<br>".join(map(_text, reasons(row))),
        "<br>".join(_text(one) for one in row["dependents"]),
        (size + time).strip(),
        "wait" if row["blocks_readers"] else "",
        way(row),
        _text(mode or "") + (f" (asked: {_text(asked)})" if asked and asked != mode else ""),
        _text(row["trial"] or ""),
    ]


def _line(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _text(words: str) -> str:
    """Words as they are, whatever they would mean to Markdown."""
    shown = html.escape(plain(words, lines=True), quote=False)
    shown = SPECIAL.sub(r"\\\1", shown).replace("\n", "<br>")
    return MENTION.sub(lambda found: f"`{found[0]}`", shown)


def _code(name: str) -> str:
    """A name as code, which none of its characters ends."""
    shown = plain(name).replace("`", "'").replace("|", "&#124;")
    return f"`{shown}`"
