"""Whether a candidate is the user's query in other words, and is kept right incrementally."""

from __future__ import annotations

import contextlib
import itertools
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from tasklib.base.errors import UserError
from tasklib.catalog.database import Connection
from tasklib.catalog.owner import Owner
from tasklib.catalog.queries import first_line
from tasklib.catalog.rows import AnyRow
from tasklib.catalog.trial import Trial, make_functions, run, try_query
from tasklib.tasks.rewrite.copies import Copies
from tasklib.tasks.rewrite.keys import Keys
from tasklib.tasks.rewrite.pieces import Piece, whole
from tasklib.tasks.rewrite.schema import Column, read_columns
from tasklib.tasks.rewrite.search import Candidate, Obstacle
from tasklib.tasks.rewrite.spellings import spellings
from tasklib.tasks.rewrite.tree import led_to, output_names, text, tidied

INCREMENTAL, FULL = "DIFFERENTIAL", "FULL"
# the name of the model itself among its pieces
MODEL = "model"
KEYLESS = (
    "the extension takes its rows for those of a table without a key: "
    "its refresh may fail once another stream table reads it"
)
# random changes on top of the systematic ones
ROUNDS = 20
# of each source; more where no change reached the result
ROWS = (30, 300)
# a trial ends when its rounds are over; this is for wide joins and for a machine that is busy
SECONDS = 10.0
# values of these types have no equality of their own
AS_TEXT = ("json", "xml", "point", "polygon", "path", "box", "line", "lseg", "circle")


@dataclass(frozen=True)
class Attempt:
    """What became of a candidate.

    Args:
        steps: what had been done to the query.
        outcome: right, or what stood in its way: the trial's word, `differs` or `refused`.
        detail: of what stood in its way.
    """

    steps: tuple[str, ...]
    outcome: str
    detail: str = ""

    def row(self) -> dict[str, object]:
        """As JSON has it."""
        return {"steps": list(self.steps), "outcome": self.outcome, "detail": self.detail}


class _ObstacleError(Exception):
    """What stands in a candidate's way."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(obstacle.detail)
        self.obstacle = obstacle


@dataclass
class Prover:
    """Proves candidates against one query.

    Args:
        connect: opens a connection. A session is slower with every trial, so each candidate has
            its own.
        original: the user's query as PostgreSQL runs it.
        keys: primary keys that tables are to have, which have none.
        is_read: whether another stream table reads it.
        owner: the role with whose rights; None: this one.
        seconds: that one trial may take.
        attempts: what became of the candidates so far.
    """

    connect: Callable[[], Connection]
    original: str
    keys: Keys = field(default_factory=dict)
    is_read: bool = False
    owner: str | None = None
    seconds: float = SECONDS
    attempts: list[Attempt] = field(default_factory=list)
    # with the number of the spelling that was tried
    _trials: dict[tuple[object, ...], tuple[int, Trial]] = field(default_factory=dict)
    _columns: tuple[Column, ...] = ()

    def examine(self, candidate: Candidate) -> Obstacle | None:
        """What keeps a candidate from being proven (see prove); None: it is."""
        try:
            with closing(self.connect()) as connection:
                self.prove(connection, candidate)
        except _ObstacleError as error:
            obstacle = error.obstacle
        except psycopg.Error as error:
            obstacle = Obstacle(None, "refused", first_line(error))
        except UserError as error:
            obstacle = Obstacle(None, "untried", error.cause)
        else:
            self.attempts.append(Attempt(candidate.steps, "right"))
            return None
        self.attempts.append(Attempt(candidate.steps, obstacle.outcome, obstacle.detail))
        return obstacle

    def prove(self, connection: Connection, candidate: Candidate) -> None:
        """Prove that a candidate has the query's columns and rows, now and through changes.

        Each of its stream tables is kept right incrementally in a trial; that they are the same
        together is compared on the data as they are and in each round of a trial.

        Raises:
            _ObstacleError: it isn't so, or not seen to be.
            psycopg.Error: PostgreSQL refuses one of the queries.
        """
        if not self._columns:
            self._columns = read_columns(connection, self.original)
        names = [column.name for column in self._columns]
        together = text(whole(candidate.pieces, names))
        self._require_columns(connection, together)
        model = candidate.pieces[-1]
        if not candidate.steps and (self.original, INCREMENTAL, None) in self._trials:
            # the same query: a trial of a wide join takes half a minute
            self._require_right(0, self.trial(connection, self.original, INCREMENTAL))
        if len(candidate.pieces) == 1 and output_names(model.tree) == names:
            self._require_right(0, self.trial(connection, model.sql, INCREMENTAL, self.original))
        else:
            self._require_pieces(connection, candidate.pieces)
            self._require_chain(connection, candidate.pieces)
            self._require_same_through_changes(connection, together)
        self._require_same_rows(connection, together)

    def as_it_is(self) -> Trial:
        """What becomes of the query itself."""
        with closing(self.connect()) as connection:
            return self.trial(connection, self.original, INCREMENTAL)

    def trial(
        self,
        connection: Connection,
        query: str,
        mode: str,
        same_as: str | None = None,
        key: object = None,
        pieces: Mapping[str, str] | None = None,
    ) -> Trial:
        """Try a query as `dbt run` would give it, or remember what became of it.

        Args:
            connection: where to try it.
            query: what the stream table would have.
            mode: its refresh mode.
            same_as: another query, whose result counts instead.
            key: what makes it the same as one tried before, where the query's names change.
            pieces: the queries of tables that stand for stream tables, by name.
        """
        asked = (key or query, mode, same_as)
        if asked not in self._trials:
            given = spellings(connection, query, self.owner) if mode == INCREMENTAL else [query]
            tried = (self._try(connection, one, mode, same_as or query, pieces) for one in given)
            first = next(tried)
            numbered = enumerate(itertools.chain([first], tried))
            right = ((number, one) for number, one in numbered if one.outcome == "right")
            self._trials[asked] = next(right, (0, first))
        return self._trials[asked][1]

    def _try(
        self,
        connection: Connection,
        query: str,
        mode: str,
        same_as: str,
        pieces: Mapping[str, str] | None,
    ) -> Trial:
        for rows in ROWS:
            trial = try_query(
                connection, query, mode,
                seconds=self.seconds, rows=rows, rounds=ROUNDS, same_as=same_as, pieces=pieces,
                keys=self.keys, read=self.is_read, owner=self.owner,
            )  # fmt: skip
            if trial.outcome != "unproved":
                break
        return trial

    def _require_columns(self, connection: Connection, together: str) -> None:
        found = read_columns(connection, together)
        different = [
            f"{new.name} is {new.type}, not {old.type}"
            for old, new in zip(self._columns, found, strict=True)
            if old.type != new.type
        ]
        if different:
            raise _ObstacleError(Obstacle(None, "differs", "; ".join(different)))

    def _require_same_rows(self, connection: Connection, together: str) -> None:
        terms = (
            sql.SQL(", ")
            .join(
                sql.SQL("{0}::text as {0}" if column.type.startswith(AS_TEXT) else "{0}").format(
                    sql.Identifier(column.name)
                )
                for column in self._columns
            )
            .as_string(connection)
        )
        one, other = (
            f"(select {terms} from (\n{query}\n) as result)"  # noqa: S608 the model's own
            for query in (self.original, together)
        )
        difference = f"({one} except all {other}) union all ({other} except all {one})"
        counted = f"select pg_catalog.count(*) from ({difference}) as d"  # noqa: S608 as above
        count = int(Owner(connection, self.owner).ask(counted))
        if count:
            told = f"{count} rows differ on the data as they are"
            raise _ObstacleError(Obstacle(None, "differs", told))

    def _require_pieces(self, connection: Connection, pieces: tuple[Piece, ...]) -> None:
        """Try each piece, with tables in place of those that it reads."""
        names = {piece.name for piece in pieces}
        made: dict[str, str] = {}
        make_functions(connection)
        with connection.transaction(force_rollback=True):
            acting = Owner(connection, self.owner)
            schema = f"pgtrickle_rewrite_{uuid.uuid4().hex[:12]}"
            run(acting, f"create schema {schema}")
            for position, piece in enumerate(pieces):
                query = text(led_to(tidied(piece.tree), names, schema))
                key = _key(pieces, position)
                trial = self.trial(connection, query, INCREMENTAL, key=key, pieces=made)
                self._require_right(position, trial)
                if piece.name:
                    table = sql.Identifier(schema, piece.name)
                    create = sql.SQL("create table {} as ").format(table).as_string(connection)
                    run(acting, create + query)
                    made[f"{schema}.{piece.name}"] = query

    def _require_chain(self, connection: Connection, pieces: tuple[Piece, ...]) -> None:
        """Keep all pieces at once: what is right alone may fail once a stream table reads it."""
        names = {piece.name for piece in pieces}
        with connection.transaction(force_rollback=True):
            copies = Copies(
                connection, self.original, self.keys,
                rows=ROWS[0], linked=True, owner=self.owner,
            )  # fmt: skip
            for position, piece in enumerate(pieces):
                query = text(led_to(tidied(piece.tree), names, copies.schema))
                known = spellings(connection, query, self.owner)
                spelt, _ = self._trials[_key(pieces, position), INCREMENTAL, None]
                with _standing_at(position):
                    copies.add(piece.name or MODEL, known[min(spelt, len(known) - 1)], INCREMENTAL)
                if piece.name and copies.is_keyless(piece.name):
                    raise _ObstacleError(Obstacle(position, "fails", KEYLESS, KEYLESS))
            copies.change()
            for position, piece in enumerate(pieces):
                with _standing_at(position):
                    copies.refresh(piece.name or MODEL)

    def _require_same_through_changes(self, connection: Connection, together: str) -> None:
        """Compare two queries in every round: one is kept in FULL, where the engine can."""
        trial = self.trial(connection, self.original, FULL, together)
        if trial.outcome not in {"right", "wrong"}:
            trial = self.trial(connection, together, FULL, self.original)
        self._require_right(None, trial)

    def _require_right(self, position: int | None, trial: Trial) -> None:
        if trial.outcome != "right":
            error = trial.error["message"] if trial.error else ""
            raise _ObstacleError(Obstacle(position, trial.outcome, describe(trial), error))


def _key(pieces: tuple[Piece, ...], position: int) -> tuple[object, ...]:
    """What makes a piece the same as one tried before."""
    return pieces[position].sql, tuple((one.name, one.sql) for one in pieces[:position])


@contextlib.contextmanager
def _standing_at(position: int) -> Iterator[None]:
    """Whatever the engine refuses is in the way of that piece."""
    try:
        yield
    except psycopg.Error as error:
        told = first_line(error)
        raise _ObstacleError(Obstacle(position, "fails", told, told)) from None


def describe(trial: Trial) -> str:
    """What a trial saw, in words; empty if it saw nothing wrong."""
    told = []
    if trial.change:
        told.append(f"after {trial.change}")
    if trial.error:
        told.append(str(trial.error["message"]))
    if trial.expected or trial.found:
        told.append(f"expected {_first(trial.expected)}, found {_first(trial.found)}")
    return ": ".join(told or trial.notes)


def _first(rows: list[AnyRow] | None) -> str:
    return json.dumps(rows[0], ensure_ascii=False) if rows else "no such row"
