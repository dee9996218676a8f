"""One model's trial: rounds of changes, each followed by a refresh and a comparison."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterable
from dataclasses import dataclass

import psycopg

from tasklib.database import Connection
from tasklib.queries import Row, fetch, first_line, render
from tasklib.soak.changes import Change, Changer
from tasklib.soak.scratch import Scratch, scratch_copy
from tasklib.soak.shrink import smallest

# with so few rows a slow refresh is a fault of the plan, not of the data; a short one says nothing
SLOW_SECONDS = 1.0
SLOWER = 2.0
HANDFUL = 6


@dataclass(frozen=True)
class Plan:
    """How hard to try.

    Args:
        rounds: rounds of changes.
        sample: rows of each source to copy.
        seed: the same seed, the same changes.
        timeout: seconds that one refresh may take.
    """

    rounds: int = 20
    sample: int = 200
    seed: int = 1
    timeout: float = 30.0


def soak(connection: Connection, table: Row, plan: Plan) -> Row:
    """Try a model in its own mode, and in FULL where that goes wrong.

    Args:
        connection: to the database; a scratch schema is made there and dropped.
        table: a row of pgtrickle__contents.
        plan: how hard to try.

    Returns:
        A verdict; `outcome` is right, wrong, refused, failing, slower or not tried.
    """
    answer = {"subject": table["subject"], "model": table["model"], "mode": table["refresh_mode"]}
    if not table["query"]:
        return answer | {
            "verdict": "error", "outcome": "not tried", "reason": table["reason"],
            "cause": table["cause"], "remedy": table["remedy"],
        }  # fmt: skip
    try:
        found = _attempts(connection, table, table["refresh_mode"], plan)
        if found["outcome"] in {"wrong", "failing", "refused"}:
            found["remedy"] = _way_out(connection, table, plan)
    except psycopg.Error as error:
        return answer | {
            "verdict": "error", "outcome": "not tried", "reason": "not_tried",
            "cause": f"its sources can't be copied: {first_line(error)}",
            "remedy": "This takes the right to create schemas and to read the sources",
        }  # fmt: skip
    return answer | found


def _attempts(connection: Connection, table: Row, mode: str, plan: Plan) -> Row:
    # a handful of rows meets the rare cases, such as a group of NULLs alone, and shows them plainly
    for sample in sorted({min(HANDFUL, plan.sample), plan.sample}):
        with scratch_copy(connection, table, sample) as scratch:
            found = _attempt(scratch, mode, plan)
        if found["outcome"] != "right":
            break
    return found


def _attempt(scratch: Scratch, mode: str, plan: Plan) -> Row:
    try:
        scratch.create_subject(mode)
    except psycopg.Error as error:
        return _found("refused", f"the extension refuses it: {first_line(error)}")
    connection = scratch.connection
    contents = fetch(
        connection, "pgtrickle__contents", managed=None, names=json.dumps([scratch.subject])
    )[0]
    contents["query"] = scratch.query
    comparison = render("pgtrickle__comparison_summary", table=contents).encode()
    trial = _Trial(scratch, comparison, plan.timeout)
    changer = Changer(scratch, random.Random(plan.seed))  # noqa: S311 repeatable on purpose
    for number in range(1, plan.rounds + 1):
        # few changes first: what goes wrong with one is the easiest to understand
        made: list[Change] = []
        with connection.transaction() as round_:
            fault = trial.fault(changer.round(1 + (number - 1) % 6), made)
            if fault:
                raise psycopg.Rollback(round_)
        if fault:
            made, fault = _shrunk(trial, made, fault, plan.timeout)
            words = [change.words for change in made]
            cause = f"round {number}: {fault.cause} after: {'; '.join(words)}"
            more = {"difference": fault.difference} if fault.difference else {}
            return _found(fault.outcome, cause, round=number, changes=words, **more)
    refreshing, recomputing = trial.refreshing, trial.recomputing
    if refreshing / plan.rounds > SLOW_SECONDS and refreshing > SLOWER * recomputing:
        cause = f"right, but {refreshing / recomputing:.0f} times slower than recomputing it"
        return _found("slower", cause, round=plan.rounds)
    return _found("right", "", round=plan.rounds)


@dataclass(frozen=True)
class _Fault:
    outcome: str
    cause: str
    difference: Row | None = None


@dataclass
class _Trial:
    """Changes, a refresh and a comparison in the caller's transaction, and the time they take."""

    scratch: Scratch
    comparison: bytes
    timeout: float
    refreshing: float = 0.0
    recomputing: float = 0.0

    def fault(self, changes: Iterable[Change], made: list[Change]) -> _Fault | None:
        connection = self.scratch.connection
        try:
            with connection.transaction():
                made.extend(changes)
                started = time.monotonic()
                self._refresh()
                self.refreshing += time.monotonic() - started
        except psycopg.Error as error:
            what = "its refresh" if made else "writing into its sources"
            return _Fault("failing", f"{what} fails: {first_line(error)}")
        started = time.monotonic()
        connection.execute(
            f"select count(*) from (\n{self.scratch.query}\n) as result".encode()  # noqa: S608
        )
        self.recomputing += time.monotonic() - started
        found = connection.execute(self.comparison).fetchall()[0]
        if not (found["missing_rows"] or found["extra_rows"]):
            return None
        cause = (
            f"{found['missing_rows']} rows missing ({_example(found['missing'])}), "
            f"{found['extra_rows']} extra ({_example(found['extra'])})"
        )
        return _Fault("wrong", cause, found)

    def _refresh(self) -> None:
        connection = self.scratch.connection
        for limit in (str(round(self.timeout * 1000)), "0"):
            connection.execute("select set_config('statement_timeout', %s, true)", (limit,))
            if limit != "0":
                connection.execute(
                    "select pgtrickle.refresh_stream_table(%s)", (self.scratch.subject,)
                )


def _shrunk(
    trial: _Trial, made: list[Change], fault: _Fault, seconds: float
) -> tuple[list[Change], _Fault]:
    """The fewest of a round's changes that show the same kind of fault, and what they show."""
    connection = trial.scratch.connection
    faults = {tuple(made): fault}

    def faulty(changes: list[Change]) -> bool:
        with connection.transaction(force_rollback=True):
            found = trial.fault((change for change in changes if change.apply(connection)), [])
        if found and found.outcome == fault.outcome:
            faults[tuple(changes)] = found
            return True
        return False

    kept = smallest(made, faulty, seconds)
    return kept, faults[tuple(kept)]


def _way_out(connection: Connection, table: Row, plan: Plan) -> str:
    if table["refresh_mode"] == "FULL":
        return "Make it a plain dbt table: materialized='table'"
    full = _attempts(connection, table, "FULL", plan)
    if full["outcome"] in {"right", "slower"}:
        return "Set refresh_mode: FULL, with which it stayed right"
    return f"Make it a plain dbt table: materialized='table' (with FULL it is {full['outcome']})"


def _found(outcome: str, cause: str, **more: object) -> Row:
    verdict = {"right": "ok", "slower": "warn"}.get(outcome, "error")
    reason = "" if outcome == "right" else outcome
    remedy = "Set refresh_mode: FULL" if outcome == "slower" else ""
    return {
        "verdict": verdict, "outcome": outcome, "reason": reason, "cause": cause, "remedy": remedy,
        "round": None, "changes": [], **more,
    }  # fmt: skip


def _example(rows: list[Row]) -> str:
    return json.dumps(rows[0], ensure_ascii=False) if rows else "none"
