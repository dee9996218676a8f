"""Whether a candidate is the user's query in other words, and is kept right incrementally."""

from __future__ import annotations

import contextlib
import itertools
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from tasklib.database import Connection
from tasklib.errors import UserError
from tasklib.queries import Row, first_line
from tasklib.rewrite.pieces import Piece, narrowed, split, unique_columns
from tasklib.rewrite.schema import Column, read_columns
from tasklib.rewrite.search import Candidate
from tasklib.rewrite.spellings import spellings
from tasklib.rewrite.tree import led_to, output_names, text, tidied
from tasklib.trial import Trial, try_query

INCREMENTAL, FULL = "DIFFERENTIAL", "FULL"
# what is proposed has survived random changes on top of the systematic ones
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


class _NotProvenError(Exception):
    """What stands in a candidate's way."""

    def __init__(self, outcome: str, detail: str) -> None:
        super().__init__(detail)
        self.outcome, self.detail = outcome, detail


@dataclass
class Prover:
    """Proves candidates against one query.

    Args:
        connection: to the database, in no transaction.
        original: the user's query as PostgreSQL runs it.
        seconds: that one trial may take.
        attempts: what became of the candidates so far.
    """

    connection: Connection
    original: str
    seconds: float = SECONDS
    attempts: list[Attempt] = field(default_factory=list)
    _trials: dict[tuple[object, ...], Trial] = field(default_factory=dict)
    _columns: tuple[Column, ...] = ()

    def holds(self, candidate: Candidate) -> bool:
        """Whether a candidate is proven: see prove."""
        try:
            self.prove(candidate)
        except _NotProvenError as obstacle:
            self.attempts.append(Attempt(candidate.steps, obstacle.outcome, obstacle.detail))
            return False
        except psycopg.Error as error:
            self.attempts.append(Attempt(candidate.steps, "refused", first_line(error)))
            return False
        except UserError as error:
            self.attempts.append(Attempt(candidate.steps, "untried", error.cause))
            return False
        self.attempts.append(Attempt(candidate.steps, "right"))
        return True

    def prove(self, candidate: Candidate) -> None:
        """Prove that a candidate has the query's columns and rows, now and through changes.

        Each of its stream tables is kept right incrementally in a trial; that they are the same
        together is compared on the data as they are and in each round of a trial.

        Raises:
            _NotProvenError: it isn't so, or not seen to be.
            psycopg.Error: PostgreSQL refuses one of the queries.
        """
        whole = self.whole(candidate)
        self._require_columns(whole)
        pieces = split(candidate.tree)
        if len(pieces) == 1 and output_names(candidate.tree) == self._names():
            self._require_right(text(pieces[0].tree), INCREMENTAL, self.original)
        else:
            self._require_pieces(pieces)
            self._require_same_through_changes(whole)
        self._require_same_rows(whole)

    def whole(self, candidate: Candidate) -> str:
        """A candidate as one query with the columns of the user's."""
        return text(tidied(narrowed(candidate.tree, self._names())))

    def _names(self) -> list[str]:
        if not self._columns:
            self._columns = read_columns(self.connection, self.original)
        return [column.name for column in self._columns]

    def _require_columns(self, whole: str) -> None:
        found = read_columns(self.connection, whole)
        different = [
            f"{new.name} is {new.type}, not {old.type}"
            for old, new in zip(self._columns, found, strict=True)
            if old.type != new.type
        ]
        if different:
            raise _NotProvenError("differs", "; ".join(different))

    def _require_same_rows(self, whole: str) -> None:
        terms = (
            sql.SQL(", ")
            .join(
                sql.SQL("{0}::text as {0}" if column.type.startswith(AS_TEXT) else "{0}").format(
                    sql.Identifier(column.name)
                )
                for column in self._columns
            )
            .as_bytes(self.connection)
        )
        one, other = (
            b"(select " + terms + b" from (\n" + query.encode() + b"\n) as result)"
            for query in (self.original, whole)
        )
        statement = (
            b"select count(*) as n from ((" + one + b" except all " + other + b") union all ("
            + other + b" except all " + one + b")) as difference"
        )  # fmt: skip
        count = self.connection.execute(statement).fetchall()[0]["n"]
        if count:
            raise _NotProvenError("differs", f"{count} rows differ on the data as they are")

    def _require_pieces(self, pieces: tuple[Piece, ...]) -> None:
        with self.connection.transaction(force_rollback=True), _scratch(self.connection) as schema:
            for piece in pieces:
                query = text(led_to(piece.tree, {one.name for one in pieces}, schema))
                self._require_right(query, INCREMENTAL, None, key=(piece.tree, pieces))
                if piece.name:
                    _fill(self.connection, schema, piece, query)

    def _require_same_through_changes(self, whole: str) -> None:
        """Compare two queries in every round: one is kept in FULL, where the engine can."""
        try:
            self._require_right(self.original, FULL, whole)
        except _NotProvenError as first:
            if first.outcome == "differs":
                raise
            self._require_right(whole, FULL, self.original)

    def _require_right(
        self, query: str, mode: str, same_as: str | None = None, key: object = None
    ) -> None:
        trial = self.trial(query, mode, same_as, key)
        if trial.outcome != "right":
            raise _NotProvenError(trial.outcome, describe(trial))

    def trial(self, query: str, mode: str, same_as: str | None = None, key: object = None) -> Trial:
        """Try a query, or remember what became of it.

        Args:
            query: what the stream table would have.
            mode: its refresh mode.
            same_as: another query, whose result counts instead.
            key: what makes it the same as one tried before, where the query's names change.
        """
        asked = (key or query, mode, same_as)
        if asked not in self._trials:
            given = spellings(self.connection, query) if mode == INCREMENTAL else [query]
            tried = (self._try(spelling, mode, same_as or query) for spelling in given)
            first = next(tried)
            right = (one for one in itertools.chain([first], tried) if one.outcome == "right")
            self._trials[asked] = next(right, first)
        return self._trials[asked]

    def _try(self, query: str, mode: str, same_as: str) -> Trial:
        for rows in ROWS:
            trial = try_query(
                self.connection, query, mode,
                seconds=self.seconds, rows=rows, rounds=ROUNDS, same_as=same_as,
            )  # fmt: skip
            if trial.outcome != "unproved":
                break
        return trial


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


def _first(rows: list[Row] | None) -> str:
    return json.dumps(rows[0], ensure_ascii=False) if rows else "no such row"


@contextlib.contextmanager
def _scratch(connection: Connection) -> Iterator[str]:
    """A schema inside the caller's transaction."""
    name = f"pgtrickle_rewrite_{uuid.uuid4().hex[:12]}"
    connection.execute(sql.SQL("create schema {}").format(sql.Identifier(name)))
    yield name


def _fill(connection: Connection, schema: str, piece: Piece, query: str) -> None:
    """Make a table of what a stream table would hold; its groups stay distinct in the trial."""
    table = sql.Identifier(schema, piece.name)
    connection.execute(
        sql.SQL("create table {} as ").format(table).as_bytes(connection) + query.encode()
    )
    key = unique_columns(piece.tree)
    if key:
        columns = sql.SQL(", ").join(map(sql.Identifier, key))
        connection.execute(
            sql.SQL("create unique index on {} ({}) nulls not distinct").format(table, columns)
        )
