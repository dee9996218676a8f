"""The smallest set of changes that still shows a fault."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def smallest(changes: Sequence[T], faulty: Callable[[list[T]], bool], seconds: float) -> list[T]:
    """Leave out one change after another as long as what is left is still faulty.

    Args:
        changes: a set that is faulty, in order.
        faulty: whether a part of it is.
        seconds: when to stop trying; what has been found by then is the answer.
    """
    deadline = time.monotonic() + seconds
    kept, position = list(changes), 0
    while position < len(kept) and time.monotonic() < deadline:
        fewer = kept[:position] + kept[position + 1 :]
        if fewer and faulty(fewer):
            # what seemed needed may not be any more
            kept, position = fewer, 0
        else:
            position += 1
    return kept
