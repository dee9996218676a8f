"""The scheduler of pg_trickle_lite: keeps one worker running until SIGTERM.

`python -m tasklib.pg_trickle_lite.scheduler --log FILE --pid-file FILE`, with libpq's variables
(PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE) in the environment.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import IO

from tasklib.pg_trickle_lite.worker import ALREADY_RUNNING

_RESTART_SECONDS = 1.0
_STOP_SECONDS = 10.0


class _Stop(Exception):  # noqa: N818 no error, a signal
    """SIGTERM or SIGINT came in."""


def supervise(log: Path, pid_file: Path) -> int:
    """Keep a worker running until SIGTERM or SIGINT.

    Args:
        log: appended to by the worker.
        pid_file: holds this process's id as long as it runs.

    Returns:
        0 after a signal, 3 if another scheduler serves the same database or holds the pid file.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    pid_file.parent.mkdir(parents=True, exist_ok=True)
    with pid_file.open("a+") as held:
        # of two that start at once, one gets it, and the other leaves the file alone
        if not _take(held):
            sys.stderr.write(f"A scheduler already runs: process {pid_file.read_text().strip()}.\n")
            return ALREADY_RUNNING
        signal.signal(signal.SIGTERM, _raise_stop)
        signal.signal(signal.SIGINT, _raise_stop)
        held.truncate(0)
        held.write(f"{os.getpid()}\n")
        held.flush()
        try:
            with log.open("ab", buffering=0) as output:
                return _keep_running(output)
        except _Stop:
            return 0
        finally:
            pid_file.unlink(missing_ok=True)


def _keep_running(output: IO[bytes]) -> int:
    while True:
        worker = subprocess.Popen(
            [sys.executable, "-m", "tasklib.pg_trickle_lite.worker"],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output,
        )  # fmt: skip
        try:
            code = worker.wait()
        finally:
            _end(worker)
        if code == ALREADY_RUNNING:
            return code
        output.write(f"worker ended with {code}; it is started again\n".encode())
        time.sleep(_RESTART_SECONDS)


def _end(worker: subprocess.Popen[bytes]) -> None:
    if worker.poll() is None:
        worker.terminate()
        try:
            worker.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()


def _raise_stop(_signal: int, _frame: FrameType | None) -> None:
    raise _Stop


def _take(file: IO[str]) -> bool:
    """Hold a file for as long as this process lives; false where another process does."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def main() -> int:
    """Read the arguments and supervise."""
    parser = argparse.ArgumentParser(description="The scheduler of pg_trickle_lite.")
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--pid-file", type=Path, required=True)
    options = parser.parse_args()
    return supervise(options.log, options.pid_file)


if __name__ == "__main__":
    sys.exit(main())
