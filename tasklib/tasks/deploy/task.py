"""`invoke deploy` and `invoke rollback`."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
from rich.table import Table
from rich.text import Text

from tasklib.base.display import cell, console, print_json, say, took, warn
from tasklib.base.errors import UserError
from tasklib.base.plain import plain
from tasklib.catalog.database import Connection, connect_to_catalog, place
from tasklib.catalog.queries import Row
from tasklib.project import compiled, dbt, manifest
from tasklib.project.project import Project
from tasklib.tasks.deploy import build, checks, versions
from tasklib.tasks.deploy.swap import swap
from tasklib.tasks.deploy.versions import Version, Whose
from tasklib.tasks.plan.task import decide

STYLES = {"beside": "yellow", "in place": "green", "blocked": "bold red"}


@dataclass(frozen=True)
class Terms:
    """What has to hold for a swap.

    Args:
        keep: PostgreSQL's interval: how long what is replaced is kept.
        lag: how many seconds the new stream tables may be behind.
        timeout: seconds to wait for that, and for whoever uses the old ones.
    """

    keep: str = "1 day"
    lag: float = 10.0
    timeout: float = 600.0


def deploy(
    project: Project,
    selection: Sequence[str] = (),
    *,
    terms: Terms = Terms(),
    full_refresh: bool = False,
    state: str = "",
    dry_run: bool = False,
    as_json: bool = False,
) -> int:
    """Build what changes, and what reads it, beside what is in use; swap once it is right.

    Args:
        project: the project; production is the target in use.
        selection: dbt's own words for the changes to deploy; empty for all.
        terms: what has to hold.
        full_refresh: build every stream table anew.
        state: a folder with the manifest.json of what is in use, by which tables and seeds count
            as changed; without it they are left to `dbt build`.
        dry_run: only say what would be done.
        as_json: with dry_run, print that as JSON.

    Returns:
        The exit status: 1 if something is blocked.

    Raises:
        UserError: it isn't done; what is in use is as it was.
    """
    parsed = build.parse(project)
    whose = Whose(parsed.metadata.project_name, project.dbt_schema)
    modified = _modified(project, state)
    document = decide(project, selection, full_refresh=full_refresh, modified=modified, tries=False)
    ways: list[Row] = document["ways"]
    if as_json and dry_run:
        print_json({"deploy": ways})
    else:
        show(ways)
    blocked = [way for way in ways if way["way"] == "blocked"]
    beside = [way for way in ways if way["way"] == "beside"]
    if blocked:
        if as_json and dry_run:
            return 1
        raise UserError(
            f"{blocked[0]['relation']} can't be built beside: {blocked[0]['why']}.",
            "Mend that, or change it in place: invoke build",
        )
    with closing(connect_to_catalog(project.environment())) as connection:
        until = _until(connection, terms.keep)
        _require_rights(connection, beside)
        if dry_run:
            if not as_json:
                say("Nothing was done (--dry-run).")
            return 0
        if beside:
            with _alone(connection, whose):
                _clear(connection, whose)
                _replace(project, connection, whose, parsed, beside, terms, until)
    return _in_place(project, [way for way in ways if way["way"] == "in place"])


def rollback(project: Project, *, terms: Terms = Terms(), dry_run: bool = False) -> None:
    """Put the version before the last deploy back in its place, without filling anything.

    Args:
        project: the project.
        terms: what has to hold; what is put away now is kept as long.
        dry_run: only say what would be done.

    Raises:
        UserError: there is none, or it can't be done; what is in use is as it was.
    """
    found = manifest.built(project) or (build.parse(project).metadata.project_name, [])
    whose = Whose(found[0], project.dbt_schema)
    with closing(connect_to_catalog(project.environment())) as connection:
        until = _until(connection, terms.keep)
        with _alone(connection, whose):
            known = versions.kept(connection, whose)
            if not known:
                raise UserError(
                    "No former version is kept here.",
                    "Check the former code out and deploy it: invoke deploy",
                )
            version = known[0]
            _refuse_strangers(connection, version)
            for move in version.moves:
                say(f"  {'back' if move['had'] else 'away'}  {_name(move)}")
            if dry_run:
                say("Nothing was done (--dry-run).")
                return
            deadline = time.monotonic() + terms.timeout
            names = _stream_tables(connection, version)
            lag = checks.catch_up(connection, project, names, terms.lag, deadline)
            undone = versions.following(
                version.schemas, versions.now(),
                [{**move, "has": move["had"], "had": move["has"]} for move in version.moves],
            )  # fmt: skip
            undone = replace(undone, until=until)
            seconds = swap(connection, whose, version, undone, deadline)
            say(f"Back to what was there before, {took(lag)} behind, in {took(seconds)}.")
            _drop_others(connection, whose, undone)
    say(
        "Before the next dbt run, go back to the former code, or it builds what was undone again."
        f"\nWhat was undone is kept until {until:%Y-%m-%d %H:%M}: invoke rollback brings it back."
    )


def show(ways: Sequence[Row]) -> None:
    """Show how each change is to be brought about."""
    out = console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("", "relation", "why", "space"):
        table.add_column(title, overflow="fold")
    for way in ways:
        table.add_row(
            Text(way["way"], style=STYLES[way["way"]]), cell(way["relation"]), cell(way["why"]),
            Text(space(way["bytes"]) if way["way"] == "beside" else ""),
        )  # fmt: skip
    if ways:
        out.print(table)
    counts = [f"{sum(w['way'] == name for w in ways)} {name}" for name in STYLES]
    told = ", ".join(text for text in counts if not text.startswith("0 "))
    total = sum(way["bytes"] or 0 for way in ways if way["way"] == "beside")
    out.print(Text(f"deploy: {told or 'nothing changes'}", style="bold"))
    if total:
        out.print(Text(f"Building beside takes about {space(total)} for as long as it is kept."))


def space(size: int | None) -> str:
    """Bytes as people say them; empty where they aren't known."""
    if size is None:
        return ""
    number = float(size)
    for unit in ("bytes", "kB", "MB", "GB"):
        if number < 1024:
            return f"{number:.0f} {unit}"
        number /= 1024
    return f"{number:.1f} TB"


def _replace(
    project: Project, connection: Connection, whose: Whose, parsed: Any,
    beside: Sequence[Row], terms: Terms, until: datetime,
) -> None:  # fmt: skip
    """Build, check, swap; whatever fails, what was built goes away again."""
    comes = versions.following({way["schema"] for way in beside}, versions.BUILDING)
    try:
        with connection.transaction():
            versions.create(connection, whose, comes)
        say(f"Building {len(beside)} beside, in {', '.join(comes.schemas.values())} …")
        build.build(project, parsed, beside, comes.schemas)
        moves = _moves(connection, beside)
        checks.copy_indexes(
            connection,
            [{**m, "incoming": comes.schemas[m["schema_name"]]} for m in moves if m["had"]],
        )
        deadline = time.monotonic() + terms.timeout
        models = _models(connection, beside, comes)
        names = [_name(model) for model in models]
        checks.catch_up(connection, project, names, terms.lag, deadline)
        if models:
            checks.check(connection, project, models)
        checks.wait_for_snapshots(connection, deadline)
        lag = checks.catch_up(connection, project, names, terms.lag, deadline)
        goes = replace(versions.following(comes.schemas, versions.now(), moves), until=until)
        seconds = swap(connection, whose, comes, goes, deadline)
    except BaseException:
        _clear(connection, whose)
        raise
    say(f"Swapped {len(moves)} in {took(seconds)}, {took(lag)} behind.")
    _clear(connection, whose)
    _wake(connection)
    _remember(project, [way for way in beside if way["kind"] == "stream_table"], comes)
    if versions.expired(goes):
        versions.drop(connection, goes)
        say("What was there before is gone, as --keep says.")
    else:
        say(
            f"What was there before is kept until {until:%Y-%m-%d %H:%M} in "
            f"{', '.join(goes.schemas.values())}: invoke rollback brings it back."
        )
    _drop_others(connection, whose, goes)


def _moves(connection: Connection, beside: Sequence[Row]) -> list[Row]:
    asked = [{"schema_name": way["schema"], "table_name": way["name"]} for way in beside]
    known = {_name(row) for row in versions.exchangeable(connection, asked)}
    return [
        {
            "schema_name": way["schema"], "table_name": way["name"], "carry": way["carry"],
            "has": True, "had": way["relation"] in known,
        }
        for way in beside
    ]  # fmt: skip


def _models(connection: Connection, beside: Sequence[Row], comes: Version) -> list[Row]:
    """The stream tables built beside, as the checks' SQL takes dbt's models."""
    return [
        {
            "model": way["unique_id"].split(".", 2)[2], "unique_id": way["unique_id"],
            "schema_name": comes.schemas[way["schema"]], "table_name": way["name"],
            "paused": False, "refresh_mode": None, "warn_seconds": None, "error_seconds": None,
        }
        for way in beside
        if way["kind"] == "stream_table"
    ]  # fmt: skip


def _stream_tables(connection: Connection, version: Version) -> list[str]:
    rows = connection.execute(
        "select pgt_schema || '.' || pgt_name as name from pgtrickle.pgt_stream_tables"
        " where pgt_schema = any (%s)",
        (list(version.schemas.values()),),
    )
    return [row["name"] for row in rows]


def _refuse_strangers(connection: Connection, version: Version) -> None:
    """Refuse to put away what something reads that wasn't there before the last deploy."""
    going = [move for move in version.moves if move["has"]]
    for row in versions.exchangeable(connection, going):
        for obstacle in row["obstacles"]:
            raise UserError(f"{_name(row)} can't be put away: {obstacle}.", "Mend that first.")


def _until(connection: Connection, keep: str) -> datetime:
    try:
        row = connection.execute("select now() + %s::interval as until", (keep,)).fetchall()[0]
    except psycopg.Error:
        raise UserError(f"'{keep}' is no time to keep.", "Write it as: --keep '1 day'", 2) from None
    until: datetime = row["until"]
    return until


def _require_rights(connection: Connection, beside: Sequence[Row]) -> None:
    if not beside:
        return
    asked = "has_database_privilege(current_database(), 'create')"
    row = connection.execute(
        f"select {asked} as may, current_database() as database, current_user as me".encode()
    ).fetchall()[0]
    if not row["may"]:
        raise UserError(
            f"{row['me']} may not make a schema to build in.",
            f'As the owner: grant create on database "{row["database"]}" to "{row["me"]}"',
        )


@contextmanager
def _alone(connection: Connection, whose: Whose) -> Iterator[None]:
    """Keep others from deploying the same meanwhile."""
    key = ("dbt_pgtrickle deploy", f"{whose.project} {whose.target}")
    lock = "select pg_try_advisory_lock(hashtext(%s), hashtext(%s)) as mine"
    if not connection.execute(lock, key).fetchall()[0]["mine"]:
        raise UserError(f"Another deploy is under way on {place(connection)}.", "Wait for it.")
    try:
        yield
    finally:
        connection.execute("select pg_advisory_unlock(hashtext(%s), hashtext(%s))", key)


def _clear(connection: Connection, whose: Whose) -> None:
    """Drop what is, or was left, half done; say what can't be."""
    for version in versions.all_of(connection, whose):
        if version.until is None:
            try:
                versions.drop(connection, version)
            except UserError as error:
                schema = next(iter(version.schemas.values()))
                warn(
                    f"{schema} is left: {error.cause} To drop it: invoke drop-all --schema {schema}"
                )


def _drop_others(connection: Connection, whose: Whose, newest: Version) -> None:
    """Drop the versions before the one that a rollback goes back to now."""
    for version in versions.kept(connection, whose):
        if version.name != newest.name:
            try:
                versions.drop(connection, version)
            except UserError as error:
                warn(f"An earlier version is left: {error.cause}")


def _wake(connection: Connection) -> None:
    """As pgtrickle__wake_scheduler does, and for the same reason."""
    if connection.execute("select to_regproc('pgtrickle._signal_launcher_rescan') as f").fetchall()[
        0
    ]["f"]:
        connection.execute("select pgtrickle._signal_launcher_rescan()")


def _remember(project: Project, ways: Sequence[Row], comes: Version) -> None:
    """Have dbt remember the new ones as its own; without, the next run only takes longer."""
    try:
        nodes = {node["unique_id"]: node for node in compiled.stream_tables(project)}
        sql = {way["unique_id"]: nodes[way["unique_id"]]["compiled_code"] for way in ways}
        made = {schema: where for where, schema in comes.schemas.items()}
        dbt.quietly(
            project, "run-operation", "pgtrickle_remember_deployed",
            "--args", json.dumps({"compiled": sql, "schemas": made}),
        )  # fmt: skip
    except UserError as error:
        warn(f"The next run tries the new ones once more: {plain(error.cause)}")


def _modified(project: Project, state: str) -> list[str]:
    """The tables and seeds that have changed by dbt's own comparison."""
    if not state:
        return []
    folder = Path.cwd() / state
    if not (folder / "manifest.json").is_file():
        raise UserError(f"There is no manifest.json in {folder}.", "Name dbt's target folder.", 2)
    found = dbt.listed(
        project, "--select", "state:modified", "--state", str(folder), keys=["unique_id", "config"]
    )
    return [
        one["unique_id"]
        for one in found
        if one["config"]["materialized"] in ("table", "incremental")
    ]


def _in_place(project: Project, ways: Sequence[Row]) -> int:
    """What changes in place at once, such as a schedule, is dbt's."""
    if not ways:
        return 0
    names = [way["unique_id"].split(".", 2)[2] for way in ways]
    return dbt.run(project, "run", "--select", *names)


def _name(row: Row) -> str:
    return f"{row['schema_name']}.{row['table_name']}"
