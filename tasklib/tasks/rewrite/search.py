"""The nearest query to the user's that holds: steps composed, the cheapest first."""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from sqlglot.errors import SqlglotError

from tasklib.tasks.rewrite.pieces import Piece, replaced, schema_with
from tasklib.tasks.rewrite.schema import Schema
from tasklib.tasks.rewrite.steps import (
    ARMS,
    COLUMNS,
    FILLED,
    INLINED,
    INNER,
    JOINS,
    MERGED,
    MODELS,
    SHAPES,
    SUBQUERIES,
    UNITED,
    WORDS,
    Step,
)
from tasklib.tasks.rewrite.tree import Tree, qualified

# all words at once are as far from the user's as each of them, but a little
AT_ONCE = 0.9
# taken apart as far as it goes, a query is far from the user's, and most likely to hold: that is
# asked early, and taken if nothing nearer is found in half of the time
APART, ASKED_EARLY = 6.0, 2.5
# it is asked next where so many candidates like the last one would take all the time
MANY = 8
# what fails as it did without the last step is not the way
NO_DIFFERENCE = 2.0


@dataclass(frozen=True)
class Candidate:
    """Queries that may do, and how they came about.

    Args:
        pieces: the stream tables, spelt out, each after those that it reads; the last is the model.
        steps: what was done, in order, in words.
        cost: how far it is from what the user wrote.
    """

    pieces: tuple[Piece, ...]
    steps: tuple[str, ...] = ()
    cost: float = 0.0


@dataclass(frozen=True)
class Obstacle:
    """Why a candidate doesn't hold.

    Args:
        piece: the position of the piece that isn't right; None where no other words would help.
        outcome: the trial's word, `differs` or `refused`.
        detail: what was seen.
        error: what the engine said, if it failed: what fails alike has the same.
    """

    piece: int | None
    outcome: str
    detail: str = ""
    error: str = ""


@dataclass
class Search:
    """Where to look.

    Args:
        schema: of the relations that the query reads.
        may_add_columns: whether the model may get more columns.
        deadline: when to stop, by time.monotonic().
        examine: what keeps a candidate from being right; None: it is. The expensive question.
    """

    schema: Schema
    may_add_columns: bool
    deadline: float
    examine: Callable[[Candidate], Obstacle | None]
    _seen: set[tuple[tuple[str, str], ...]] = field(default_factory=set)

    def best(self, tree: Tree) -> Candidate | None:
        """The cheapest candidate that holds; None: none was found.

        Args:
            tree: the user's query, spelt out.
        """
        order = itertools.count()
        waiting = [(0.0, next(order), Candidate((Piece("", tree),)), "")]
        patience = (time.monotonic() + self.deadline) / 2
        apart: Candidate | None = None
        early: list[Candidate] = []
        while waiting and time.monotonic() < self.deadline:
            place, _, candidate, error_before = heapq.heappop(waiting)
            if apart and (place >= APART or time.monotonic() > patience):
                return apart
            key = tuple((piece.name, piece.sql) for piece in candidate.pieces)
            if key in self._seen:
                continue
            self._seen.add(key)
            started = time.monotonic()
            obstacle = self.examine(candidate)
            is_slow = started + MANY * (time.monotonic() - started) > self.deadline
            if obstacle is None and place < candidate.cost:
                apart = apart or candidate
                continue
            if obstacle is None:
                return candidate
            if obstacle.piece is None:
                continue
            stuck = bool(obstacle.error) and obstacle.error == error_before
            if stuck:
                candidate = replace(candidate, cost=candidate.cost + NO_DIFFERENCE)
            following = [
                (one.cost, one, obstacle.error)
                for one in self._following(candidate, obstacle.piece)
            ]
            if not candidate.steps:
                early = [self._apart(candidate), *self._united(candidate), self._filled(candidate)]
                following += [(ASKED_EARLY, one, "") for one in early]
            if is_slow:
                following += [(0.0, one, "") for one in early]
                early = []
            for nearness, one, error in following:
                heapq.heappush(waiting, (nearness, next(order), one, error))
        return apart

    def _following(self, candidate: Candidate, position: int) -> Iterator[Candidate]:
        """What one more step makes of the piece that isn't right."""
        words = [step for step in WORDS if any(self._apply(candidate, position, step))]
        for step in words:
            yield from self._apply(candidate, position, step)
        if len(words) > 1:
            yield self._all_words(candidate, position, words)
        is_model = position == len(candidate.pieces) - 1
        columns = [COLUMNS] if self.may_add_columns and is_model else []
        for step in (*SHAPES, *MODELS, *columns):
            yield from self._apply(candidate, position, step)

    def _all_words(self, candidate: Candidate, position: int, words: list[Step]) -> Candidate:
        cost = candidate.cost + AT_ONCE * sum(step.cost for step in words)
        for step in words:
            candidate = next(self._apply(candidate, position, step), candidate)
        return replace(candidate, cost=cost)

    def _apart(self, candidate: Candidate, *further: Step) -> Candidate:
        """All that can be a stream table of its own is one, in words that hold best."""
        for step in (INNER, SUBQUERIES, JOINS, ARMS, *further, *WORDS):
            position = 0
            while position < len(candidate.pieces):
                changed = next(self._apply(candidate, position, step), candidate)
                if changed.pieces == candidate.pieces:
                    position += 1
                candidate = changed
        return replace(candidate, steps=tuple(dict.fromkeys(candidate.steps)), cost=APART)

    def _united(self, candidate: Candidate) -> Iterator[Candidate]:
        """One stream table of all that is joined, where groups are joined."""
        for step in (INLINED, INNER, MERGED):
            candidate = next(self._apply(candidate, 0, step), candidate)
        yield from self._apply(candidate, 0, UNITED)

    def _filled(self, candidate: Candidate) -> Candidate:
        """The same, after outer joins of groups have become joins, which hold better."""
        for step in (INLINED, INNER, FILLED):
            candidate = next(self._apply(candidate, 0, step), candidate)
        return self._apart(candidate, MERGED)

    def _apply(self, candidate: Candidate, position: int, step: Step) -> Iterator[Candidate]:
        """What a step makes of a piece; one that sqlglot can't follow is none."""
        schema = schema_with(self.schema, candidate.pieces)
        try:
            for tree in step.apply(candidate.pieces[position].tree, schema):
                spelt_out = qualified(tree, schema.names())
                yield Candidate(
                    replaced(candidate.pieces, position, spelt_out),
                    (*candidate.steps, step.words),
                    candidate.cost + step.cost,
                )
        except SqlglotError:
            return
