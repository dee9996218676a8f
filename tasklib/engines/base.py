"""What every engine is: a place where PostgreSQL runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

MAJOR_VERSION = "18"
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


@dataclass(frozen=True)
class Move:
    """A way to another version of the extension: all is at hand, the database is as it was.

    Attributes:
        extension: its name.
        version: empty if only the server can tell, once it runs.
        begin: has the server run with it; the database still has the former one's objects.
        undo: has the server run as before. The caller has put the pins back by then.
    """

    extension: str
    version: str
    begin: Callable[[], list[str]]
    undo: Callable[[], list[str]]

    @property
    def text(self) -> str:
        """Where to, in words."""
        return f"{self.extension} {self.version}".rstrip()


class Engine(Protocol):
    """A place where PostgreSQL runs. Each method raises UserError for what a user can mend."""

    name: str

    def prepare(self) -> None:
        """Check what can be checked before another engine is stopped for this one."""
        ...

    def up(self) -> list[str]:
        """Bring everything up that is down; tell what was done (nothing: all ran already)."""
        ...

    def wake(self) -> list[str]:
        """Start what has stopped as it was, whatever invoke.yaml says by now; tell what was done.

        Nothing is made that isn't there.
        """
        ...

    def upgrade(self) -> Move:
        """Get what invoke.yaml asks for, pin it, and tell how the running server moves to it."""
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

    def psql(self, arguments: Sequence[str], environment: Mapping[str, str]) -> int:
        """Open psql in the terminal, with an environment's PG* variables; its exit status."""
        ...

    def show_logs(self, *, lines: int, follow: bool) -> None:
        """Print the last lines of the logs and, on request, what follows."""
        ...
