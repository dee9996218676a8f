"""`invoke deploy`: what changes is built beside what is in use, and takes its place once right."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from typing import Any

from tasklib.base.display import print_json, say, took, warn
from tasklib.base.errors import UserError
from tasklib.base.findings import ERROR, OK
from tasklib.base.plain import plain
from tasklib.catalog.database import (
    Connection,
    connect_to_catalog,
    connect_to_primary,
    has_function,
)
from tasklib.catalog.rows import Place
from tasklib.project import compiled, dbt
from tasklib.project.manifest import Model
from tasklib.project.project import Project
from tasklib.tasks.deploy import build, checks, readers, versions
from tasklib.tasks.deploy.swap import swap
from tasklib.tasks.deploy.terms import Terms, alone, until
from tasklib.tasks.deploy.versions import Move, Version, Whose
from tasklib.tasks.deploy.ways import show, ways
from tasklib.tasks.plan.answer import Way


def deploy(
    project: Project,
    selection: Sequence[str] = (),
    *,
    terms: Terms,
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
        The exit status: dbt's for what changes in place; with dry_run 1 if something is blocked.

    Raises:
        UserError: it isn't done; what is in use is as it was.
    """
    if as_json and not dry_run:
        raise UserError("--json is for --dry-run.", "Add --dry-run, or leave it out.", 2)
    with closing(connect_to_primary(project.environment(), "deploy")) as connection:
        end = until(connection, terms.keep)
    parsed = build.parse(project)
    found = ways(project, selection, full_refresh=full_refresh, state=state)
    blocked = [way for way in found if way["way"] == "blocked"]
    if as_json:
        print_json("deploy", ERROR if blocked else OK, found)
    else:
        show(found)
    if blocked and not dry_run:
        raise UserError(
            f"{blocked[0]['relation']} is in the way: {blocked[0]['why']}.",
            "Mend that, or change it in place: invoke build",
        )
    beside = [way for way in found if way["way"] == "beside"]
    with closing(connect_to_catalog(project.environment())) as connection:
        if beside:
            _require_rights(connection)
        if dry_run:
            if not as_json:
                say("Nothing was done (--dry-run).")
            return int(bool(blocked))
        whose = versions.whose(project)
        with alone(connection, whose):
            # what one that was killed has left
            versions.clear(connection, whose)
            readers.bind(connection, readers.behind(connection, whose))
            if beside:
                _Release(project, connection, whose, beside, terms).carry_out(parsed, end)
    return _in_place(project, [way for way in found if way["way"] == "in place"])


class _Release:
    """One release: what is built beside, from its beginning to its end."""

    def __init__(
        self,
        project: Project,
        connection: Connection,
        whose: Whose,
        beside: Sequence[Way],
        terms: Terms,
    ) -> None:
        self.project = project
        self.connection = connection
        self.whose = whose
        self.beside = beside
        self.terms = terms
        self.comes = versions.following({way["schema"] for way in beside}, versions.BUILDING)

    def carry_out(self, parsed: Any, end: datetime) -> None:
        """Build, check and swap; whatever fails, what was built goes away again."""
        goes = None
        try:
            with self.connection.transaction():
                versions.create(self.connection, self.whose, self.comes)
            schemas = self.comes.schemas
            say(f"Building {len(self.beside)} beside, in {', '.join(schemas.values())} …")
            build.build(self.project, parsed, self.beside, schemas)
            moves = self._moves()
            following = readers.following(self.connection, moves)
            deadline = time.monotonic() + self.terms.timeout
            lag = self._await(moves, deadline)
            goes = replace(versions.following(schemas, versions.now(), moves), until=end)
            seconds = swap(self.connection, self.whose, self.comes, goes, deadline)
            say(f"Swapped {len(moves)} in {took(seconds)}, {took(lag)} behind.")
            self._finish(following)
            self._put_away(goes)
        except KeyboardInterrupt:
            versions.tell_stop(self.connection, self.whose, goes)
            raise
        finally:
            versions.clear(self.connection, self.whose)

    def _await(self, moves: Sequence[Move], deadline: float) -> float:
        """Have what was built ready to be swapped in; give how many seconds it is behind."""
        models = [
            Model(
                model=way["unique_id"].split(".", 2)[2], unique_id=way["unique_id"],
                schema_name=self.comes.schemas[way["schema"]], table_name=way["name"],
                paused=False, refresh_mode=None, warn_seconds=None, error_seconds=None,
            )
            for way in self.beside
            if way["kind"] == "stream_table"
        ]  # fmt: skip
        names = [f"{one.schema_name}.{one.table_name}" for one in models]
        checks.copy_indexes(self.connection, moves, self.comes)
        checks.catch_up(self.connection, self.project, names, self.terms.lag, deadline)
        if models:
            checks.check(self.connection, self.project, models)
        checks.wait_for_snapshots(self.connection, deadline)
        return checks.catch_up(self.connection, self.project, names, self.terms.lag, deadline)

    def _moves(self) -> list[Move]:
        asked: list[Place] = [
            {"schema_name": way["schema"], "table_name": way["name"]} for way in self.beside
        ]
        known = versions.exchangeable(self.connection, asked)
        there = {(row["schema_name"], row["table_name"]) for row in known}
        return [
            {
                "schema_name": way["schema"], "table_name": way["name"], "carry": way["carry"],
                "has": True, "had": (way["schema"], way["name"]) in there,
            }
            for way in self.beside
        ]  # fmt: skip

    def _finish(self, following: Sequence[str]) -> None:
        """What needn't be in the same moment."""
        readers.bind(self.connection, following)
        if has_function(self.connection, "_signal_launcher_rescan"):
            # as pgtrickle__wake_scheduler does, and for the same reason
            self.connection.execute("select pgtrickle._signal_launcher_rescan()")
        mine = {way["unique_id"] for way in self.beside if way["kind"] == "stream_table"}
        made = {schema: where for where, schema in self.comes.schemas.items()}
        try:
            nodes = compiled.stream_tables(self.project)
            sql = {n["unique_id"]: n["compiled_code"] for n in nodes if n["unique_id"] in mine}
            arguments = json.dumps({"compiled": sql, "schemas": made})
            operation = ("run-operation", "pgtrickle_remember_deployed", "--args", arguments)
            dbt.quietly(self.project, *operation)
        except UserError as error:
            warn(f"The next run tries the new ones once more: {plain(error.cause)}")

    def _put_away(self, goes: Version) -> None:
        if not any(move["had"] for move in goes.moves) or versions.expired(goes):
            versions.drop(self.connection, goes)
        else:
            say(
                f"What was there before is kept until {goes.until:%Y-%m-%d %H:%M} in "
                f"{', '.join(goes.schemas.values())}: invoke rollback brings it back."
            )
        versions.drop_others(self.connection, self.whose, goes)


def _require_rights(connection: Connection) -> None:
    row = connection.execute(
        "select has_database_privilege(current_database(), 'create') as may,"
        " current_database() as database, current_user as me"
    ).fetchall()[0]
    if not row["may"]:
        raise UserError(
            f"{row['me']} may not make a schema to build in.",
            f'As the owner: grant create on database "{row["database"]}" to "{row["me"]}"',
        )


def _in_place(project: Project, found: Sequence[Way]) -> int:
    """What changes in place at once, such as a schedule, is dbt's."""
    if not found:
        return 0
    names = [way["unique_id"].split(".", 2)[2] for way in found]
    return dbt.run(project, "run", "--select", *names)
