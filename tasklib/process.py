"""Running a program in the foreground, in the user's own terminal."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


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
