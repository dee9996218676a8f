"""What a look at one thing found."""

from __future__ import annotations

from dataclasses import asdict, dataclass

OK, WARN, ERROR = "ok", "warn", "error"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        name: what, in one or two words.
        verdict: ok, warn, or error.
        cause: what is there; what is wrong with it, unless it is ok.
        remedy: what to type or change; empty where there is nothing to do.
        checked: whether it could be looked at; if not, nobody knows whether it is right.
    """

    name: str
    verdict: str
    cause: str
    remedy: str = ""
    checked: bool = True

    def row(self) -> dict[str, object]:
        """The finding as JSON has it."""
        return asdict(self)
