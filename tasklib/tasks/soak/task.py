"""Soak: the trial of dbt run with more rows, and random changes on top of the systematic ones."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import cast

from tasklib.base.display import Columns, progress_bar, show_check, worst_first
from tasklib.base.errors import UserError
from tasklib.base.findings import ERROR, OK, WARN, Judged
from tasklib.catalog import verdict
from tasklib.catalog.database import Connection, as_scheduler, connect_to_primary
from tasklib.catalog.queries import fetch
from tasklib.catalog.rows import Contents
from tasklib.catalog.scope import scope
from tasklib.catalog.trial import Trial, try_query
from tasklib.project.project import Project
from tasklib.tasks.soak import changed as changes


class Soaked(Judged, total=False):
    """The verdict on a stream table, with what its trial found."""

    model: str | None
    mode: str | None
    reason: str
    outcome: str
    rounds: int
    version: str | None


COLUMNS: Columns[Soaked] = {
    "mode": lambda row: (row["mode"] or "").lower(),
    "outcome": lambda row: row["outcome"],
    "rounds": lambda row: row.get("rounds"),
}
WITHOUT_BASE = "Nothing tells what has changed, so all are tried (invoke base COMMIT, or --state)."
# of the seeds that PostgreSQL takes
SEEDS = 1_000_000


@dataclass(frozen=True)
class Plan:
    """How hard to try.

    Args:
        rounds: rounds of random changes, at least one.
        sample: rows of each source to copy, at least one.
        seed: the same seed, the same random changes.
        timeout: seconds for each model.

    Raises:
        UserError: (exit status 2) so nothing would be tried.
    """

    rounds: int = 20
    sample: int = 200
    seed: int = 1
    timeout: float = 30.0

    def __post_init__(self) -> None:
        for name in ("rounds", "sample", "timeout"):
            if not getattr(self, name) > 0:
                raise UserError(
                    f"--{name} {getattr(self, name)} tries nothing.", f"Say --{name} 1 or more.", 2
                )


def soak(
    project: Project,
    models: Sequence[str],
    plan: Plan,
    *,
    changed: bool = False,
    state: str = "",
    everything: bool = False,
    as_json: bool = False,
) -> int:
    """Try whether the installed engine keeps stream tables right; what that makes is rolled back.

    Args:
        project: the project.
        models: models or stream tables; by default this project's and what they read.
        plan: how hard to try.
        changed: instead of naming them, those that tasklib.changed tells; all of the project's
            where nothing tells that.
        state: what that compares with.
        everything: without names, all of the database.
        as_json: print JSON.

    Returns:
        The exit status: 1 if one isn't kept right, or was not tried.

    Raises:
        UserError: (exit status 2) the catalog can't be read; two ways at once to say which.
    """
    if changed and (models or everything):
        raise UserError("Models, --all and --changed exclude each other.", "Choose one.", 2)
    if state and not changed:
        raise UserError("--state is what --changed compares with.", "Add --changed.", 2)
    chosen: Sequence[str] | None = models or None
    told: list[str] = []
    if changed:
        chosen = changes.stream_tables(project, state)
        told = [WITHOUT_BASE] if chosen is None else []
    covered = scope(project, everything=everything)
    names = None if chosen is None else json.dumps(list(chosen))
    rows = []
    with closing(connect_to_primary(project.environment(), "soak")) as connection:
        as_scheduler(connection)
        tables = fetch(connection, Contents, **covered.arguments, names=names)
        notes = told + (covered.notes(connection) if chosen is None else [])
        with progress_bar() as progress:
            bar = progress.add_task("soak", total=len(tables))
            for table in tables:
                progress.update(bar, description=table["subject"])
                rows.append(_tried(connection, table, plan))
                progress.advance(bar)
    notes += verdict.of_whom(next((row["version"] for row in rows if row.get("version")), None))
    rows.sort(key=worst_first)
    return show_check("soak", rows, COLUMNS, as_json=as_json, notes=notes)


def _tried(connection: Connection, table: Contents, plan: Plan) -> Soaked:
    """A row of show_check: the trial of one stream table in its own mode.

    Args:
        connection: to the database.
        table: it.
        plan: how hard to try.
    """
    answer: Soaked = {
        "subject": table["subject"], "model": table["model"], "mode": table["refresh_mode"] or None,
        "verdict": ERROR, "outcome": "untried", "reason": table["reason"],
        "cause": table["cause"], "remedy": table["remedy"],
    }  # fmt: skip
    if not table["query"]:
        return answer

    def trial(mode: str) -> Trial:
        return try_query(
            connection, table["given"], mode, seconds=plan.timeout, rows=plan.sample,
            rounds=plan.rounds, seed=plan.seed % SEEDS, same_as=table["query"],
            read=table["is_read"], owner=table["owner"],
        )  # fmt: skip

    found = trial(table["refresh_mode"])
    good = {"verdict": OK, "reason": "", "cause": "", "remedy": ""}
    answer = cast(Soaked, {**answer, **vars(found), **good})
    if found.outcome == "right":
        return {**answer, "cause": "; ".join(found.notes)}
    answer |= {"reason": found.outcome, "cause": verdict.sentence(vars(found))}
    if found.outcome == "unproved":
        return {**answer, "verdict": WARN, "remedy": f"Take more rows: --sample {plan.sample * 5}"}
    if found.outcome == "untried":
        return {**answer, "verdict": ERROR}
    full = found if found.mode == "FULL" else trial("FULL")
    return {**answer, "verdict": ERROR, "remedy": _way_out(table, found, full)}


def _way_out(table: Contents, found: Trial, full: Trial) -> str:
    words = verdict.hint(table["query"], vars(found))
    other = f"invoke rewrite {table['model']}" if table["model"] else ""
    if full.outcome == "right":
        last = "Set refresh_mode: FULL, with which it stayed right"
    else:
        last = "Make it a plain dbt table: materialized: table"
    return "; or ".join(filter(None, [words, other, last]))
