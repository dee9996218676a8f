"""The nearest query to the user's that holds: steps composed, the cheapest first."""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sqlglot.errors import SqlglotError

from tasklib.rewrite.schema import Schema
from tasklib.rewrite.steps import COLUMNS, MODELS, SHAPES, WORDS, Step
from tasklib.rewrite.tree import Tree, marked_text, qualified

# all words at once are little more to a reader than one of them
WORDS_AT_ONCE = 1.5


@dataclass(frozen=True)
class Candidate:
    """A query that may do, and how it came about.

    Args:
        tree: the query, spelt out; CTEs that are to be stream tables are marked.
        steps: what was done, in order, in words.
        cost: how far it is from the user's.
    """

    tree: Tree
    steps: tuple[str, ...] = ()
    cost: float = 0.0


@dataclass(frozen=True)
class Search:
    """Where to look.

    Args:
        schema: of the relations that the query reads.
        may_add_columns: whether the model may get more columns.
        deadline: when to stop, by time.monotonic().
        holds: whether a candidate is right; the expensive question.
    """

    schema: Schema
    may_add_columns: bool
    deadline: float
    holds: Callable[[Candidate], bool]
    seen: set[str] = field(default_factory=set)

    def best(self, tree: Tree) -> Candidate | None:
        """The cheapest candidate that holds, without a step that it doesn't need; None: none does.

        Args:
            tree: the user's query, spelt out.
        """
        order = itertools.count()
        waiting = [(0.0, next(order), Candidate(tree))]
        while waiting and time.monotonic() < self.deadline:
            _, _, candidate = heapq.heappop(waiting)
            key = marked_text(candidate.tree)
            if key in self.seen:
                continue
            self.seen.add(key)
            if self.holds(candidate):
                return candidate
            for following in self.following(candidate):
                heapq.heappush(waiting, (following.cost, next(order), following))
        return None

    def following(self, candidate: Candidate) -> Iterator[Candidate]:
        """What one more step makes of a candidate."""
        words = [step for step in WORDS if any(self._apply(candidate, step))]
        if not candidate.steps:
            for step in words:
                yield from self._apply(candidate, step)
        if len(words) > 1 or (words and candidate.steps):
            yield self._all_words(candidate)
        for step in (*SHAPES, *MODELS, *([COLUMNS] if self.may_add_columns else [])):
            if step.words not in candidate.steps:
                yield from self._apply(candidate, step)

    def _all_words(self, candidate: Candidate) -> Candidate:
        cost = candidate.cost + WORDS_AT_ONCE
        for step in WORDS:
            candidate = next(self._apply(candidate, step), candidate)
        return Candidate(candidate.tree, candidate.steps, cost)

    def _apply(self, candidate: Candidate, step: Step) -> Iterator[Candidate]:
        """What a step makes of a candidate; one that sqlglot can't follow is none."""
        try:
            for tree in step.apply(candidate.tree, self.schema):
                yield Candidate(
                    qualified(tree, self.schema.names()),
                    (*candidate.steps, step.words),
                    candidate.cost + step.cost,
                )
        except SqlglotError:
            return
