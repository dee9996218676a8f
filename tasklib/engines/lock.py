"""One `invoke up` or `invoke down` at a time in a project."""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path

from tasklib.base import files
from tasklib.base.display import say


@contextlib.contextmanager
def exclusive(state_dir: Path) -> Iterator[None]:
    """Hold the project's lock; whoever comes second waits and says so.

    The lock ends with the process that holds it, however that ends.

    Raises:
        UserError: the folder can't be made or written.
    """
    file = state_dir / "lock"
    with files.explained(file):
        if not state_dir.is_dir():
            state_dir.mkdir()
            # The server's account has to pass through, whatever this account's umask is.
            state_dir.chmod(0o755)
        stream = file.open("a")
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another `invoke up` or `invoke down` is at work here; waiting for it.")
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield
