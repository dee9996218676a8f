"""One model's trial: rounds of changes, each followed by a refresh and a comparison."""

from __future__ import annotations

import json
import random
import time
from dataclasses import dataclass

import psycopg

from tasklib.database import Connection
from tasklib.queries import Row, fetch, first_line, render
from tasklib.soak.changes import Changer
from tasklib.soak.scratch import Scratch, scratch_copy

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
    changer = Changer(scratch, random.Random(plan.seed))  # noqa: S311 repeatable on purpose
    refreshing = recomputing = 0.0
    for number in range(1, plan.rounds + 1):
        # few changes first: what goes wrong with one is the easiest to understand
        made: list[str] = []
        try:
            made = changer.round(1 + (number - 1) % 6)
            started = time.monotonic()
            _refresh(scratch, plan.timeout)
        except psycopg.Error as error:
            what = "its refresh" if made else "writing into its sources"
            cause = f"round {number}: {what} fails: {first_line(error)}"
            return _found("failing", cause, round=number, changes=made)
        refreshing += time.monotonic() - started
        started = time.monotonic()
        connection.execute(
            f"select count(*) from (\n{scratch.query}\n) as result".encode()  # noqa: S608
        )
        recomputing += time.monotonic() - started
        difference = connection.execute(comparison).fetchall()[0]
        if difference["missing_rows"] or difference["extra_rows"]:
            cause = (
                f"round {number}: {difference['missing_rows']} rows missing "
                f"({_example(difference['missing'])}), {difference['extra_rows']} extra "
                f"({_example(difference['extra'])}) after: {'; '.join(made)}"
            )
            return _found("wrong", cause, round=number, changes=made, difference=difference)
    if refreshing / plan.rounds > SLOW_SECONDS and refreshing > SLOWER * recomputing:
        cause = f"right, but {refreshing / recomputing:.0f} times slower than recomputing it"
        return _found("slower", cause, round=plan.rounds)
    return _found("right", "", round=plan.rounds)


def _refresh(scratch: Scratch, timeout: float) -> None:
    with scratch.connection.transaction():
        scratch.connection.execute(
            "select set_config('statement_timeout', %s, true)", (str(round(timeout * 1000)),)
        )
        scratch.connection.execute("select pgtrickle.refresh_stream_table(%s)", (scratch.subject,))


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
