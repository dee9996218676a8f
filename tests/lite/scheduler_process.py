"""A scheduler process of a test's own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.support.postgres import ROOT, Database

DEADLINE_SECONDS = 30


def start(database: Database, folder: Path, pid_file: str = "pid") -> subprocess.Popen[bytes]:
    """Start a scheduler for a database; its log and pid file go to the folder."""
    return subprocess.Popen(
        [
            sys.executable, "-m", "tasklib.pg_trickle_lite.scheduler",
            "--log", str(folder / "log"), "--pid-file", str(folder / pid_file),
        ],
        env={**os.environ, **database.env}, cwd=ROOT,
    )  # fmt: skip


@contextmanager
def running(database: Database, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A scheduler that is at work, stopped afterwards."""
    process = start(database, folder)
    try:
        until(lambda: lock_holders(database) == 1)
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> int:
    """End a scheduler as its engine would; give its exit code."""
    if process.poll() is None:
        process.terminate()
    return process.wait(DEADLINE_SECONDS)


def worker_of(process: subprocess.Popen[bytes]) -> psutil.Process:
    """The scheduler's worker."""
    until(lambda: bool(psutil.Process(process.pid).children()))
    return psutil.Process(process.pid).children()[0]


def lock_holders(database: Database) -> int:
    """How many sessions hold the scheduler's lock on this database."""
    return int(database.value("select pgtrickle_lite.scheduler_count()"))


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, and fail when it doesn't come true in time."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
