"""The demo: writes into the sample shop's tables and shows its stream tables following."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field

import psycopg
from psycopg import sql
from rich.console import Group
from rich.live import Live
from rich.text import Text

from tasklib.base.display import console
from tasklib.base.errors import UserError
from tasklib.base.plain import plain
from tasklib.base.table import table
from tasklib.catalog.database import Connection, connect
from tasklib.catalog.owner import Owner
from tasklib.catalog.queries import first_line
from tasklib.project.project import Project
from tasklib.tasks.demo.shop import FIGURES, TABLES, WRITES

# the search_path under which all names but the sample's, which have their schema, are found
OURS = "pg_catalog, pg_temp"
PAUSE = 0.7
GLANCE = 0.2
# the slowest stream table of the sample is due every 5 s
PATIENCE = 30.0


@dataclass
class Watched:
    """One stream table: a figure from it, and the same figure from the tables it is made of."""

    name: str
    what: str
    shown: str = ""
    expected: str = ""
    slowest: float = 0.0
    _since: dict[str, float] = field(default_factory=dict)

    def look(self, shown: str, expected: str, now: float) -> str:
        """Take in what both sides say now; tell it if the stream table shows a newer state."""
        if expected != self.expected:
            self.expected, self._since[expected] = expected, now
        if shown == self.shown:
            return ""
        self.shown = shown
        if shown not in self._since:
            return ""
        took = now - self._since[shown]
        self.slowest = max(self.slowest, took)
        return f"{self.name} follows after {took:.1f} s: {shown} {self.what}"


@dataclass
class Screen:
    """What the demo shows: a live table in a terminal, a line for each event elsewhere."""

    watched: list[Watched]
    begun: float = field(default_factory=time.monotonic)
    recent: list[str] = field(default_factory=list)
    live: Live | None = None

    @contextmanager
    def open(self) -> Iterator[None]:
        """Show until the block ends."""
        self.out = console()
        if not self.out.is_terminal:
            yield
            return
        with Live(self._render(), console=self.out, refresh_per_second=8) as self.live:
            yield

    def behind(self) -> list[str]:
        """The stream tables that have not followed yet."""
        return [one.name for one in self.watched if one.shown != one.expected]

    def tell(self, *events: str) -> None:
        """Show what has just happened, and how the stream tables stand."""
        for event in filter(None, events):
            line = f"{time.monotonic() - self.begun:6.1f} s  {event}"
            self.recent = [*self.recent, line][-8:]
            if not self.live:
                self.out.print(line)
        if self.live:
            self.live.update(self._render())

    def _render(self) -> Group:
        shown = [
            (
                Text(one.name),
                Text(f"{one.shown} {one.what}"),
                Text(one.expected),
                Text("✓ follows", "green")
                if one.shown == one.expected
                else Text("… behind", "yellow"),
            )
            for one in self.watched
        ]
        told = table(("stream table", "shows", "the sources say", ""), shown, self.out.width)
        return Group(told, Text(), *(Text(line, "dim") for line in self.recent))


def run(project: Project, seconds: float) -> int:
    """Write into the sample's tables for a while, then wait until every stream table has followed.

    Args:
        project: the project; its sample models must have been built.
        seconds: how long to write; Ctrl-C ends it early.

    Returns:
        The exit status: 1 if a stream table has not followed.

    Raises:
        UserError: no database, or no sample in it.
    """
    with closing(connect(project.environment())) as connection:
        schema = project.dbt_schema
        owner = Owner(connection, _require_sample(project, schema, connection))
        names = {name: sql.Identifier(schema, name) for name in TABLES}
        screen = Screen([Watched(figure.table, figure.what) for figure in FIGURES])
        try:
            with screen.open():
                written = _play(owner, names, screen, seconds)
        except psycopg.Error as error:
            raise UserError(
                f"The demo can't go on: {first_line(error)}",
                "Look at: invoke status, invoke logs",
                2,
            ) from None
    return _sum_up(screen, written)


def _play(owner: Owner, names: dict[str, sql.Identifier], screen: Screen, seconds: float) -> int:
    """Write until the time is over, then let the stream tables catch up; gives the changes made."""
    written = 0
    _look(owner, names, screen.watched)  # what stands there already follows nothing
    with suppress(KeyboardInterrupt):
        for event in _write(owner, names, screen.begun + seconds):
            written += bool(event)
            screen.tell(event, *_look(owner, names, screen.watched))
    deadline = time.monotonic() + PATIENCE
    while screen.behind() and time.monotonic() < deadline:
        time.sleep(GLANCE)
        screen.tell(*_look(owner, names, screen.watched))
    return written


def _write(owner: Owner, names: dict[str, sql.Identifier], until: float) -> Iterator[str]:
    """Change something every now and then; gives what it was, or nothing, at every glance."""
    due = 0.0
    while (now := time.monotonic()) < until:
        event = ""
        if now >= due:
            statement = sql.SQL(random.choice(WRITES)).format(**names)  # noqa: S311 no secret
            event = owner.ask(statement, OURS) or ""
            due = now + PAUSE if event else now
        yield event
        time.sleep(GLANCE)


def _look(owner: Owner, names: dict[str, sql.Identifier], watched: list[Watched]) -> list[str]:
    """Read all figures in one statement, hence one snapshot; gives what has just caught up."""
    columns = [
        sql.SQL("({})::text, ({})::text").format(
            sql.SQL(figure.shown).format(**names), sql.SQL(figure.expected).format(**names)
        )
        for figure in FIGURES
    ]
    statement = sql.SQL("select jsonb_build_array({})::text").format(sql.SQL(", ").join(columns))
    values = iter(json.loads(owner.ask(statement, OURS)))
    now = time.monotonic()
    return [
        one.look(shown, expected, now)
        for one, shown, expected in zip(watched, values, values, strict=True)
    ]


def _sum_up(screen: Screen, written: int) -> int:
    behind = screen.behind()
    if behind:
        raise UserError(
            f"{', '.join(behind)} did not follow within {PATIENCE:.0f} s of the last change.",
            "Look at: invoke freshness, invoke cdc-health, invoke logs",
        )
    slowest = max(one.slowest for one in screen.watched)
    screen.out.print(
        f"{written} changes written; all {len(screen.watched)} stream tables followed, "
        f"the slowest after {slowest:.1f} s.",
        style="bold green",
    )
    return 0


def _require_sample(project: Project, schema: str, connection: Connection) -> str:
    """The role that owns the sample: its tables' triggers and queries are that role's code."""
    row = connection.execute(
        "select name from unnest(%s::text[]) as name"
        " where to_regclass(quote_ident(%s) || '.' || quote_ident(name)) is null limit 1",
        (list(TABLES), schema),
    ).fetchone()
    if not row:
        return _owner(schema, connection)
    if not (project.root / "models" / "marts" / "shop").is_dir():
        raise UserError(
            "This project has no sample shop, and the demo writes into nothing else.",
            "Generate a project with the sample models to see it.",
            2,
        )
    raise UserError(
        f"The sample is not in the database: there is no {schema}.{row['name']}.",
        "Build it with: invoke build",
        2,
    )


def _owner(schema: str, connection: Connection) -> str:
    rows = connection.execute(
        "select pg_get_userbyid(relowner)::text as owner, min(relname)::text as name from pg_class"
        " where relnamespace = (select oid from pg_namespace where nspname = %s)"
        " and relname = any(%s) group by 1 order by 1",
        (schema, list(TABLES)),
    ).fetchall()
    if rows[1:]:
        held = " and ".join(f"{schema}.{row['name']} is {row['owner']}'s" for row in rows)
        raise UserError(
            f"The sample has several owners, so one's code would run as another: {plain(held)}.",
            "Set another DBT_SCHEMA in .env, and build all of it there: invoke build",
            2,
        )
    return str(rows[0]["owner"])
