"""What to change in the models: what no trial found right, what falls back, what costs too much."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import closing

import psycopg
from psycopg import sql

from tasklib.base.display import show_check, worst_first
from tasklib.base.errors import UserError
from tasklib.base.findings import ERROR, OK, WARN, Judged, Verdict
from tasklib.catalog import verdict
from tasklib.catalog.database import Connection, as_scheduler, connect_to_catalog, has_function
from tasklib.catalog.orphans import orphans
from tasklib.catalog.owner import Owner
from tasklib.catalog.queries import fetch, first_line
from tasklib.catalog.rows import (
    AnyRow,
    Carriers,
    CdcHealth,
    ChangeBuffers,
    Contents,
    Recommendations,
    Status,
)
from tasklib.catalog.scope import Scope, scope
from tasklib.project import manifest
from tasklib.project.project import Project
from tasklib.tasks.advise.star import star_reaches_a_table

MEASURE_SECONDS = 30.0
WORTH_IT = 1.5
# below this a difference is noise
WORTH_SECONDS = 0.05


def advise(
    project: Project,
    models: Sequence[str] = (),
    *,
    measure: bool = False,
    timeout: float = MEASURE_SECONDS,
    as_json: bool = False,
) -> int:
    """Show what could be better about stream tables, each with the change to make.

    What the trial found right has no advice about its SQL.

    Args:
        project: the project.
        models: models or stream tables; by default this project's and what they read.
        measure: also time an incremental and a full refresh of each, rolled back.
        timeout: seconds that one of these may take.
        as_json: print JSON.

    Returns:
        The exit status: 1 where one is kept as its trial found it not right, or can't be read.

    Raises:
        UserError: (exit status 2) the catalog can't be read, or sqlglot is not installed.
    """
    covered = scope(project)
    names = json.dumps(list(models)) if models else None
    with closing(connect_to_catalog(project.environment())) as connection:
        as_scheduler(connection)
        tables = fetch(connection, Contents, **covered.arguments, names=names)
        rows = [row for table in tables for row in _from_trial(table)]
        rows += [*_from_project(project, tables), *_from_database(connection, covered, tables)]
        if not models:
            cause = "it has no model any more, and is refreshed for ever"
            rows += [
                _advice(orphan["subject"], WARN, cause, "invoke prune")
                for orphan in orphans(connection, project)
            ]
        if measure:
            rows += [row for table in tables for row in _measured(connection, table, timeout)]
    return show_check("advise", sorted(rows, key=worst_first), {}, as_json=as_json)


def _from_trial(table: Contents) -> Iterator[Judged]:
    subject, trial, mode = table["subject"], _trial(table), table["refresh_mode"]
    if not table["query"]:
        yield _advice(subject, table["verdict"], table["cause"], table["remedy"])
        return
    if _selects_star(table["query"]):
        cause = "SELECT *: a new column of a source changes what it holds"
        yield _advice(subject, WARN, cause, "Name the columns")
    outcome = trial.get("outcome")
    if outcome not in verdict.UNSAFE | verdict.UNKNOWN:
        return
    told = verdict.sentence(trial)
    if _in_place(table):
        asked = table["record"].get("asked")
        cause = f"asked for {asked}, in effect FULL: {told}"
        yield _advice(subject, WARN, cause, _other_words(table))
    elif outcome in verdict.UNSAFE:
        remedy = f"{_other_words(table)}; or on_unsafe: full, which recomputes it"
        yield _advice(subject, ERROR, f"it stays {mode} all the same: {told}", remedy)
    else:
        yield _advice(subject, WARN, told, "Take more rows of its sources: trial_rows: 200")


def _trial(table: Contents) -> AnyRow:
    """What its last trial found; empty where there was none."""
    return dict(table["record"].get("trial") or {})


def _in_place(table: Contents) -> bool:
    """Whether it is FULL because of its trial, and not because its model says so."""
    return table["refresh_mode"] == "FULL" and table["record"].get("asked") not in {"FULL", None}


def _other_words(table: Contents) -> str:
    trial = _trial(table)
    known = verdict.hint(table["query"], trial) if trial else ""
    rewrite = f"invoke rewrite {table['model'] or table['subject']}"
    return f"{known}; or {rewrite}" if known else rewrite


def _selects_star(query: str) -> bool:
    try:
        return star_reaches_a_table(query)
    except ModuleNotFoundError:
        raise UserError(
            "Advice needs the package sqlglot, which reads SQL.", "pip install sqlglot", 2
        ) from None


def _from_project(project: Project, tables: list[Contents]) -> Iterator[Judged]:
    subjects = {table["model"]: table["subject"] for table in tables if table["model"]}
    for model, parent in manifest.table_parents(project):
        if model in subjects:
            cause = f"it reads {parent}, a dbt table, which every run replaces"
            remedy = f"Make {parent} incremental, a view or a stream table"
            yield _advice(subjects[model], WARN, cause, remedy)


def _from_database(
    connection: Connection, covered: Scope, tables: list[Contents]
) -> Iterator[Judged]:
    wanted = {table["subject"]: table for table in tables}
    for row in fetch(connection, Status, **covered.arguments):
        table = wanted.get(row["subject"])
        if (
            table
            and not _trial(table)
            and row["requested_mode"] == "AUTO"
            and row["refresh_mode"] == "FULL"
        ):
            cause = "AUTO has fallen back to FULL: the extension can't maintain it incrementally"
            yield _advice(row["subject"], WARN, cause, _other_words(table))
    models = manifest.relations(covered.project)
    built = {relation for node, relation in models.items() if node.startswith("model.")}
    for carrier in fetch(connection, Carriers):
        if (carrier["schema_name"], carrier["table_name"]) in built:
            cause = f"[PGT026] {carrier['cause']}"
            yield _advice(carrier["subject"], WARN, cause, carrier["remedy"])
    unproved = {name for name, table in wanted.items() if _trial(table).get("outcome") != "right"}
    for source in fetch(connection, CdcHealth, **covered.arguments):
        if source["reason"] == "no_primary_key" and unproved & set(source["used_by"] or ()):
            yield _advice(source["subject"], WARN, source["cause"], source["remedy"])
    yield from _from_extension(connection, {table["call_name"]: table for table in tables})


def _from_extension(connection: Connection, tables: dict[str, Contents]) -> Iterator[Judged]:
    if not has_function(connection, "recommend_refresh_mode"):
        return
    try:
        recommendations = fetch(connection, Recommendations)
    except UserError as error:
        yield _advice("extension", OK, f"its own recommendations fail: {error.cause}", "")
        return
    for row in recommendations:
        table = tables.get(row["call_name"])
        # it doesn't know what a trial found
        if table and not _in_place(table):
            cause = f"the extension recommends {row['recommended_mode']}: {row['reason']}"
            remedy = f"Try refresh_mode: {row['recommended_mode']} (invoke advise --measure)"
            yield _advice(table["subject"], OK, cause, remedy)


def _measured(connection: Connection, table: Contents, timeout: float) -> Iterator[Judged]:
    if table["reason"] or table["refresh_mode"] not in {"DIFFERENTIAL", "FULL"}:
        return
    incremental, full = (
        _time(connection, table, mode, timeout) for mode in ("DIFFERENTIAL", "FULL")
    )
    cause = f"measured: incremental {_shown(incremental)}, full {_shown(full)}"
    held, mark, remedy = table["refresh_mode"], OK, ""
    if held == "DIFFERENTIAL" and _much_slower(incremental, full):
        mark, remedy = WARN, "Set refresh_mode: FULL"
    if held == "FULL" and _much_slower(full, incremental) and not _in_place(table):
        mark, remedy = WARN, "Set refresh_mode: DIFFERENTIAL, which dbt run tries"
    yield _advice(table["subject"], mark, cause, remedy)


def _time(connection: Connection, table: Contents, mode: str, timeout: float) -> float | str:
    """Seconds that a refresh in a mode takes with the changes that wait now, or why it can't."""
    name, held = table["call_name"], table["refresh_mode"]
    took = 0.0
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(
                "select set_config('statement_timeout', %s, true)", (str(round(timeout * 1000)),)
            )
            owner = Owner(connection, table["owner"])
            if mode == "DIFFERENTIAL" and held == "FULL":
                if not _copy_with_changes(connection, owner, table):
                    return "not measured: no changes wait"
                name = _copy_of(name)
            started = time.monotonic()
            if mode == "FULL" and held != "FULL":
                # a change of mode is a full refresh by itself
                owner.call("alter_stream_table", name, refresh_mode="FULL")
            else:
                owner.call("refresh_stream_table", name)
            took = time.monotonic() - started
    except psycopg.errors.QueryCanceled:
        return f"over {timeout:g} s"
    except psycopg.Error as error:
        return f"fails ({first_line(error)})"
    return took


def _copy_of(name: str) -> str:
    return name.split(".", maxsplit=1)[0] + ".dbt_pgtrickle_measured"


def _copy_with_changes(connection: Connection, owner: Owner, table: Contents) -> int:
    """Make an incremental copy of a FULL stream table, and as many changes as wait for that one.

    Those that wait came before the copy, so as many rows of each source are written anew; gives
    their number. For a transaction that is rolled back.
    """
    waiting = fetch(connection, ChangeBuffers, call_name=table["call_name"])
    counts = [
        connection.execute(
            sql.SQL("select count(*) as n from {}").format(sql.Identifier(*row["buffer"]))
        ).fetchone()
        for row in waiting
    ]
    owner.call(
        "create_stream_table", _copy_of(table["call_name"]), table["query"], "1d", "DIFFERENTIAL"
    )
    for row, count in zip(waiting, counts, strict=True):
        # which runs its triggers
        Owner(connection, row["source_owner"]).ask(
            sql.SQL(
                "update {0} set {1} = {1} where ctid = any (array(select ctid from {0} limit {2})) "
                "returning 'done'"
            ).format(
                sql.Identifier(*row["source"]),
                sql.Identifier(row["first_column"]),
                sql.Literal(count["n"] if count else 0),
            ),
            path="pg_catalog, pg_temp",
        )
    return sum(count["n"] for count in counts if count)


def _much_slower(one: float | str, other: float | str) -> bool:
    first, second = _seconds(one), _seconds(other)
    return first > WORTH_IT * second and first - second > WORTH_SECONDS


def _seconds(result: float | str) -> float:
    if isinstance(result, float):
        return result
    return float("inf") if result.startswith(("over", "fails")) else float("nan")


def _shown(result: float | str) -> str:
    return result if isinstance(result, str) else f"{result * 1000:.0f} ms"


def _advice(subject: str, mark: Verdict, cause: str, remedy: str) -> Judged:
    return {"subject": subject, "verdict": mark, "cause": cause, "remedy": remedy}
