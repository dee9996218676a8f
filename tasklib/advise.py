"""What to change in the models: what goes wrong, what falls back, what costs more than it must."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import psycopg
from psycopg import sql

from tasklib import manifest
from tasklib.database import Connection, connect_to_catalog
from tasklib.display import show_check, worst_first
from tasklib.errors import UserError
from tasklib.project import Project
from tasklib.queries import Row, fetch, first_line, render

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

    Args:
        project: the project.
        models: models or stream tables; by default all of dbt's.
        measure: also time an incremental and a full refresh of each, rolled back.
        timeout: seconds that one of these may take.
        as_json: print JSON.

    Returns:
        The exit status, always 0: advice is no verdict.

    Raises:
        UserError: (exit status 2) the catalog can't be read, or sqlglot is not installed.
    """
    known = manifest.stream_table_models(project)
    names = json.dumps(list(models)) if models else None
    managed = manifest.as_json(known)
    with closing(connect_to_catalog(project.environment())) as connection:
        tables = fetch(connection, "pgtrickle__contents", managed=managed, names=names)
        rows = [*_from_queries(tables), *_from_project(project, tables)]
        rows += _from_database(connection, managed, tables)
        if measure:
            rows += [row for table in tables for row in _measured(connection, table, timeout)]
    show_check("advise", sorted(rows, key=worst_first), {}, as_json=as_json)
    return 0


def _from_queries(tables: list[Row]) -> Iterator[Row]:
    try:
        from tasklib import constructs  # noqa: PLC0415 the one place that needs sqlglot
    except ModuleNotFoundError:
        raise UserError(
            "Advice needs the package sqlglot, which reads SQL.", "pip install sqlglot", 2
        ) from None
    from sqlglot.errors import SqlglotError  # noqa: PLC0415 as above

    for table in tables:
        if not table["query"]:
            yield _advice(table["subject"], table["verdict"], table["cause"], table["remedy"])
            continue
        try:
            star = constructs.selects_star(table["query"])
            found = list(constructs.find(table["query"]))
        except SqlglotError:
            yield _advice(table["subject"], "warn", "its query can't be read here", "invoke soak")
            continue
        if star:
            cause = "SELECT *: a new column of a source changes what it holds"
            yield _advice(table["subject"], "warn", cause, "Name the columns")
        for construct in found if table["refresh_mode"] != "FULL" else ():
            cause = (
                f"{construct.name}: {construct.fault} incrementally "
                f"(measured on {constructs.MEASURED_ON})"
            )
            remedy = f"See if it does here: invoke soak; {construct.remedy}"
            yield _advice(table["subject"], "warn", cause, remedy)


def _from_project(project: Project, tables: list[Row]) -> Iterator[Row]:
    subjects = {table["model"]: table["subject"] for table in tables if table["model"]}
    for model, parent in manifest.table_parents(project):
        if model in subjects:
            cause = f"it reads {parent}, a dbt table, which every run replaces"
            remedy = f"Make {parent} incremental, a view or a stream table"
            yield _advice(subjects[model], "warn", cause, remedy)


def _from_database(connection: Connection, managed: str | None, tables: list[Row]) -> list[Row]:
    wanted = {table["subject"]: table for table in tables}
    rows = []
    for row in fetch(connection, "pgtrickle__status", managed=managed):
        if (
            row["subject"] in wanted
            and row["requested_mode"] == "AUTO"
            and row["refresh_mode"] == "FULL"
        ):
            cause = "AUTO has fallen back to FULL: the extension can't maintain it incrementally"
            rows.append(
                _advice(row["subject"], "warn", cause, "Say refresh_mode: FULL, or simplify it")
            )
    for row in fetch(connection, "pgtrickle__cdc_health"):
        if row["reason"] == "no_primary_key" and set(row["used_by"]) & set(wanted):
            rows.append(_advice(row["subject"], "warn", row["cause"], row["remedy"]))
    for table in tables:
        if table["query"] and table["refresh_mode"] != "FULL":
            rows += _misplaced_key(connection, table)
    rows += _from_extension(connection, {table["call_name"]: table for table in tables})
    return rows


def _misplaced_key(connection: Connection, table: Row) -> list[Row]:
    view = sql.SQL("create temporary view dbt_pgtrickle_probe as ") + sql.SQL(table["query"])
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(view)
            found = connection.execute(
                render(
                    "pgtrickle__misplaced_key", relid="'pg_temp.dbt_pgtrickle_probe'::regclass"
                ).encode()
            ).fetchall()
    except psycopg.Error:
        return []
    return [
        _advice(
            table["subject"],
            "warn",
            f"columns of {row['subject']} in another order than that table's, or without its key "
            f"({row['key']}): gives wrong rows incrementally (measured on 0.67.0)",
            "See if it does here: invoke soak; select the key, and the columns in the table's "
            "order; or set refresh_mode: FULL",
        )
        for row in found
    ]


def _from_extension(connection: Connection, tables: dict[str, Row]) -> Iterator[Row]:
    if not fetch(connection, "pgtrickle__has_recommendations")[0]["has_recommendations"]:
        return
    try:
        recommendations = fetch(connection, "pgtrickle__recommendations")
    except UserError as error:
        yield _advice("extension", "ok", f"its own recommendations fail: {error.cause}", "")
        return
    for row in recommendations:
        if row["call_name"] in tables:
            cause = f"the extension recommends {row['recommended_mode']}: {row['reason']}"
            remedy = f"Try refresh_mode: {row['recommended_mode']} (invoke advise --measure)"
            yield _advice(tables[row["call_name"]]["subject"], "ok", cause, remedy)


def _measured(connection: Connection, table: Row, timeout: float) -> Iterator[Row]:
    if table["reason"] or table["refresh_mode"] not in {"DIFFERENTIAL", "FULL"}:
        return
    incremental, full = (
        _time(connection, table, mode, timeout) for mode in ("DIFFERENTIAL", "FULL")
    )
    cause = f"measured: incremental {_shown(incremental)}, full {_shown(full)}"
    held, verdict, remedy = table["refresh_mode"], "ok", ""
    if held == "DIFFERENTIAL" and _much_slower(incremental, full):
        verdict, remedy = "warn", "Set refresh_mode: FULL"
    if held == "FULL" and _much_slower(full, incremental):
        verdict, remedy = "warn", "Set refresh_mode: DIFFERENTIAL, after invoke soak"
    yield _advice(table["subject"], verdict, cause, remedy)


def _time(connection: Connection, table: Row, mode: str, timeout: float) -> float | str:
    """Seconds that a refresh in a mode takes with the changes that wait now, or why it can't."""
    name, held = table["call_name"], table["refresh_mode"]
    took = 0.0
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(
                "select set_config('statement_timeout', %s, true)", (str(round(timeout * 1000)),)
            )
            if mode == "DIFFERENTIAL" and held == "FULL":
                if not _copy_with_changes(connection, table):
                    return "not measured: no changes wait"
                name = _copy_of(name)
            started = time.monotonic()
            if mode == "FULL" and held != "FULL":
                # a change of mode is a full refresh by itself
                connection.execute(
                    "select pgtrickle.alter_stream_table(%s, refresh_mode => 'FULL')", (name,)
                )
            else:
                connection.execute("select pgtrickle.refresh_stream_table(%s)", (name,))
            took = time.monotonic() - started
    except psycopg.errors.QueryCanceled:
        return f"over {timeout:g} s"
    except psycopg.Error as error:
        return f"fails ({first_line(error)})"
    return took


def _copy_of(name: str) -> str:
    return name.split(".", maxsplit=1)[0] + ".dbt_pgtrickle_measured"


def _copy_with_changes(connection: Connection, table: Row) -> int:
    """Make an incremental copy of a FULL stream table, and as many changes as wait for that one.

    Those that wait came before the copy, so as many rows of each source are written anew; gives
    their number. For a transaction that is rolled back.
    """
    waiting = fetch(connection, "pgtrickle__change_buffers", call_name=table["call_name"])
    counts = [
        connection.execute(
            sql.SQL("select count(*) as n from {}").format(sql.Identifier(*row["buffer"]))
        ).fetchone()
        for row in waiting
    ]
    connection.execute(
        "select pgtrickle.create_stream_table(%s, %s, '1d', 'DIFFERENTIAL')",
        (_copy_of(table["call_name"]), table["query"]),
    )
    for row, count in zip(waiting, counts, strict=True):
        connection.execute(
            sql.SQL(
                "update {0} set {1} = {1} where ctid = any (array(select ctid from {0} limit {2}))"
            ).format(
                sql.Identifier(*row["source"]),
                sql.Identifier(row["first_column"]),
                sql.Literal(count["n"] if count else 0),
            )
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


def _advice(subject: str, verdict: str, cause: str, remedy: str) -> dict[str, Any]:
    return {"subject": subject, "verdict": verdict, "cause": cause, "remedy": remedy}
