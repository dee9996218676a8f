"""Running a program in the user's own terminal, and waiting for others to end."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

POLL_SECONDS = 0.02


def foreground(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> int:
    """Run a program to its end and give its exit status.

    Ctrl-C is for the program alone: psql cancels a statement with it, dbt its queries.
    """
    with subprocess.Popen(command, env=dict(environment), cwd=folder) as program:
        previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            return program.wait()
        finally:
            signal.signal(signal.SIGINT, previous)


def wait_until_ended(process: psutil.Process, seconds: float) -> bool:
    """Wait for a process that needn't be this one's child; tell whether it ended in time.

    One that has ended but was not reaped yet has ended: in a container that may take for ever.
    """
    deadline = time.monotonic() + seconds
    while not ended(process):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def ended(process: psutil.Process) -> bool:
    """Whether a process is gone, or only waits to be reaped."""
    import psutil  # noqa: PLC0415 only some tasks need it

    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
