"""What a look at one thing found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal, TypedDict

Verdict = Literal["ok", "warn", "error"]
OK: Verdict = "ok"
WARN: Verdict = "warn"
ERROR: Verdict = "error"
WORST_FIRST: tuple[Verdict, ...] = (ERROR, WARN, OK)


class Told(TypedDict):
    """What is to be said of something: cause and remedy, empty where there is nothing to say."""

    subject: str
    cause: str
    remedy: str


class Judged(Told):
    """A row of a check, as JSON has it."""

    verdict: Verdict


class Outcome(Told):
    """What became of one thing of an action, and what that took."""

    outcome: str
    seconds: float | None


def worst(verdicts: Iterable[str]) -> Verdict:
    """The worst of them; ok where there are none."""
    given = set(verdicts)
    return next((verdict for verdict in WORST_FIRST if verdict in given), OK)


def counted(words: Iterable[str], order: Iterable[str] = WORST_FIRST) -> str:
    """How many there are of each, in an order; empty where there are none."""
    counts = Counter(words)
    return ", ".join(f"{counts[one]} {one}" for one in order if counts[one])


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        subject: what, in one or two words.
        verdict: ok, warn, or error.
        cause: what is there; what is wrong with it, unless it is ok.
        remedy: what to type or change; empty where there is nothing to do.
        checked: whether it could be looked at; if not, nobody knows whether it is right.
    """

    subject: str
    verdict: Verdict
    cause: str
    remedy: str = ""
    checked: bool = True

    def row(self) -> dict[str, object]:
        """The finding as JSON has it."""
        return asdict(self)
