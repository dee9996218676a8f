"""What a refresh costs: rewritten and incremental, against the query as it is in FULL."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from tasklib.catalog.database import Connection
from tasklib.tasks.rewrite.copies import Copies
from tasklib.tasks.rewrite.keys import Keys
from tasklib.tasks.rewrite.pieces import Piece
from tasklib.tasks.rewrite.spellings import spellings
from tasklib.tasks.rewrite.tree import led_to, text, tidied

# rows of each source in the copies, and how often some change
ROWS, TIMES = 5000, 5
# nobody waits for less, whatever the other way takes
NOISE_MS = 500.0
WORTH_IT = 3.0


@dataclass(frozen=True)
class Cost:
    """What a refresh takes after a few changes, in milliseconds; None where it can't be measured.

    Args:
        incremental: of all stream tables of the rewritten query.
        full: of the query as it is, in FULL.
    """

    incremental: float | None
    full: float | None

    @property
    def pays(self) -> bool:
        """Whether to propose it.

        The copies are small: an incremental refresh costs the same with many rows, FULL doesn't.
        So up to WORTH_IT times the cost of FULL passes, and whatever is below NOISE_MS.
        """
        if self.incremental is None:
            return False
        return self.incremental <= max((self.full or 0.0) * WORTH_IT, NOISE_MS)

    def words(self) -> str:
        """The gain in words."""
        full = "FULL, which fails" if self.full is None else f"{self.full:.0f} ms"
        return "" if self.incremental is None else f"{self.incremental:.0f} ms instead of {full}"


def measure(
    connection: Connection,
    original: str,
    pieces: Sequence[Piece],
    keys: Keys,
    owner: str | None = None,
) -> Cost:
    """Time refreshes on copies of what a query reads; whatever that makes is rolled back.

    Args:
        connection: to the database; autocommit.
        original: the user's query.
        pieces: the stream tables of the rewritten one, each after those that it reads.
        keys: primary keys that tables are to have.
        owner: the role with whose rights; None: this one.
    """
    return Cost(
        _measured(connection, original, pieces, "DIFFERENTIAL", keys, owner),
        _measured(connection, original, [], "FULL", keys, owner),
    )


def _measured(
    connection: Connection,
    original: str,
    pieces: Sequence[Piece],
    mode: str,
    keys: Keys,
    owner: str | None,
) -> float | None:
    for attempt in itertools.count():
        is_last = True
        try:
            with connection.transaction(force_rollback=True):
                copies = Copies(connection, original, keys, rows=ROWS, owner=owner)
                names = {piece.name for piece in pieces}
                queries = {
                    piece.name or "model": text(led_to(tidied(piece.tree), names, copies.schema))
                    for piece in pieces
                }
                for name, query in (queries or {"model": original}).items():
                    # as dbt run does, the next spelling where one fails
                    known = spellings(connection, query, owner)
                    is_last = is_last and attempt + 1 >= len(known)
                    copies.add(name, known[min(attempt, len(known) - 1)], mode)
                return min(_after_a_change(copies) for _ in range(TIMES))
        except psycopg.Error:
            if is_last:
                return None
    return None


def _after_a_change(copies: Copies) -> float:
    copies.change()
    return sum(copies.refresh(name) for name in copies.names)
