"""What `dbt run` would do to the stream tables: dbt compiles, the macros decide."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rich.text import Text

from tasklib.base.display import cell, console, print_json, warn
from tasklib.base.errors import UserError
from tasklib.base.findings import ERROR, OK, WARN
from tasklib.base.plain import plain
from tasklib.base.table import table
from tasklib.catalog.orphans import told
from tasklib.project import compiled
from tasklib.project.dbt import answer, v2
from tasklib.project.project import Project
from tasklib.tasks.plan.answer import Plan
from tasklib.tasks.plan.markdown import markdown, way
from tasklib.tasks.plan.reasons import reasons

STYLES = {
    "refused": "bold red",
    "replace": "red",
    "rebind": "yellow",
    "alter_query": "yellow",
    "unchanged": "green",
}
TITLES = ("", "stream table", "on it", "fills", "readers", "deploy", "why")
# Of a program, in bytes; Linux takes 131,072.
LONGEST_ARGUMENT = 100_000


def plan(
    project: Project,
    selection: Sequence[str] = (),
    *,
    full_refresh: bool = False,
    as_json: bool = False,
    as_markdown: bool = False,
    detailed_exitcode: bool = False,
) -> int:
    """Show the plan, worst first, and give the exit status.

    Args:
        project: the dbt project.
        selection: dbt's own words for it (`--select`, `marts`, …); empty for everything.
        full_refresh: plan a run with `--full-refresh`.
        as_json: print one JSON document instead of a table.
        as_markdown: print Markdown, for a comment on a pull request.
        detailed_exitcode: 2 when something would be replaced, so that CI can tell.

    Returns:
        1 if a change would be refused, else 2 or 0.

    Raises:
        UserError: (exit status 2) dbt is missing, or can't compile the project; two forms at once.
    """
    if as_json and as_markdown:
        raise UserError("--json and --markdown are two forms.", "Choose one of them.", 2)
    document = decide(project, selection, full_refresh=full_refresh)
    rows = document["results"]
    refused = any(row["refusal"] for row in rows)
    if as_json:
        warned = any(row["warnings"] for row in rows)
        print_json("plan", ERROR if refused else WARN if warned else OK, **document)
    elif as_markdown:
        print(markdown(document))
    else:
        _show(document)
    if refused:
        return 1
    return 2 if detailed_exitcode and any(row["action"] == "replace" for row in rows) else 0


def decide(
    project: Project,
    selection: Sequence[str] = (),
    *,
    full_refresh: bool = False,
    modified: Sequence[str] = (),
    tries: bool = True,
) -> Plan:
    """What the macro pgtrickle_plan answers of what dbt compiles; it renders what is too long.

    A selection without a stream table gets a warning.

    Args:
        project: the dbt project.
        selection: as in `plan`.
        full_refresh: as in `plan`.
        modified: unique_ids of tables and seeds that are known to have changed.
        tries: whether also what is filled anew is tried.

    Raises:
        UserError: (exit status 2) dbt is missing, or can't compile the project.
    """
    flags = ["--full-refresh"] if full_refresh else []
    sql = {
        node["unique_id"]: node.get("compiled_code") if _counts(node) else None
        for node in compiled.selected(project, *selection, *flags)
    }
    if v2() and len(json.dumps(sql).encode()) > LONGEST_ARGUMENT:
        sql = dict.fromkeys(sql)
    document: Plan = answer(
        project, "pgtrickle_plan", compiled=sql, full_refresh=full_refresh, as_json=True,
        modified=list(modified), tries=tries,
    )  # fmt: skip
    if selection and not document["results"]:
        warn(f"No stream-table model is selected by: {' '.join(selection)}")
    return document


def _counts(node: dict[str, Any]) -> bool:
    """Whether a node's own SQL says something of a stream table."""
    return node["config"].get("materialized") in ("stream_table", "view")


def _show(document: Plan) -> None:
    out = console()
    shown = []
    for row in document["results"]:
        action = row["action"]
        size = "" if row["rows"] is None else f"{row['rows']:,} rows"
        time = "" if row["seconds"] is None else f" in {row['seconds']:.1f} s"
        shown.append(
            (
                Text(action.replace("_", " "), style=STYLES.get(action, "")),
                cell(row["relation"]),
                cell(", ".join(row["dependents"])),
                Text(size + time),
                Text("wait" if row["blocks_readers"] else ""),
                Text(way(row)),
                Text("\n".join(map(plain, reasons(row)))),
            )
        )
    if shown:
        out.print(table(TITLES, shown, out.width))
    for orphan in document["orphans"]:
        out.print(cell(f"{told(orphan)}; drop it with: invoke prune", style="yellow"))
    out.print(Text(document["summary"], style="bold"))
