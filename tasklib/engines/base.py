"""What every engine is: a place where PostgreSQL runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

STAND_IN = "pg_trickle_lite"


@dataclass(frozen=True)
class Status:
    """What runs now; an empty text means that it doesn't, or that nobody can tell."""

    address: str = ""
    server: str = ""
    extension: str = ""
    scheduler: str = ""
    problems: tuple[str, ...] = ()
    reason: str = ""  # why this extension


class Engine(Protocol):
    """A place where PostgreSQL runs. Each method raises UserError for what a user can mend."""

    name: str

    def prepare(self) -> None:
        """Check what can be checked before another engine is stopped for this one."""
        ...

    def up(self) -> list[str]:
        """Bring everything up that is down; tell what was done (nothing: all ran already)."""
        ...

    def down(self, *, volumes: bool) -> list[str]:
        """Stop everything, with the data if volumes; tell what was done."""
        ...

    def data(self) -> str:
        """What `down --volumes` would delete, for the question; empty if there is nothing."""
        ...

    def status(self) -> Status:
        """What runs now."""
        ...

    def connection(self) -> Mapping[str, str]:
        """The PG* variables that .env gets; none if the user writes them."""
        ...

    def psql(self, arguments: Sequence[str]) -> int:
        """Open psql in the terminal; its exit status."""
        ...

    def show_logs(self, *, lines: int, follow: bool) -> None:
        """Print the last lines of the logs and, on request, what follows."""
        ...
