"""The stand-in's scheduler: a process of its own beside the server."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from tasklib.base import files
from tasklib.base.errors import UserError
from tasklib.base.logs import last_lines
from tasklib.base.process import wait_until_ended

MODULE = "tasklib.pg_trickle_lite.scheduler"
WORKER = "tasklib.pg_trickle_lite.worker"
START_SECONDS = 15
STOP_SECONDS = 10
POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Scheduler:
    """The scheduler of one project.

    Attributes:
        root: the project's folder.
        state_dir: where its log and pid file are.
    """

    root: Path
    state_dir: Path

    @property
    def log(self) -> Path:
        """Its log file."""
        return self.state_dir / "scheduler.log"

    @property
    def pid_file(self) -> Path:
        """The file that holds its pid while it runs."""
        return self.state_dir / "scheduler.pid"

    def process(self) -> psutil.Process | None:
        """The running scheduler, recognised by its command line: a pid alone may be reused.

        It is found without its pid file too, which somebody may have deleted.
        """
        running = psutil.process_iter(["cmdline"])
        ours = (one for one in running if self._is_ours(one.info["cmdline"] or []))
        return self._by_pid_file() or next(ours, None)

    def _by_pid_file(self) -> psutil.Process | None:
        with contextlib.suppress(OSError, ValueError, psutil.Error):
            process = psutil.Process(int(self.pid_file.read_text()))
            if self._is_ours(process.cmdline()):
                return process
        return None

    def _is_ours(self, command: Sequence[str]) -> bool:
        return MODULE in command and str(self.pid_file) in command

    def start(self, environment: Mapping[str, str]) -> bool:
        """Start it unless it runs; tell whether it had to be started.

        Args:
            environment: its environment, with the PG* variables of its database.

        Raises:
            UserError: it ends at once, or doesn't report that it runs.
        """
        if self.process():
            return False
        self._end_worker()
        command = [sys.executable, "-m", MODULE, "--log", str(self.log)]
        command += ["--pid-file", str(self.pid_file)]
        with files.explained(self.log), self.log.open("a") as log:
            started = subprocess.Popen(
                command, cwd=self.root, env=dict(environment), stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while self._by_pid_file() is None:
            if started.poll() is not None or time.monotonic() > deadline:
                said = last_lines(self.log.read_text(errors="replace"), 5)
                raise UserError(
                    f"The scheduler did not start. The end of {self.log}:\n{said}",
                    "Mend that, then run `invoke up` again.",
                )
            time.sleep(POLL_SECONDS)
        return True

    def stop(self) -> bool:
        """Stop it if it runs; tell whether it did.

        Raises:
            UserError: it belongs to another account.
        """
        process = self.process()
        if process is None:
            return False
        try:
            process.terminate()
            if not wait_until_ended(process, STOP_SECONDS):
                process.kill()
                wait_until_ended(process, STOP_SECONDS)
        except psutil.AccessDenied:
            raise UserError(
                f"The scheduler (pid {process.pid}) belongs to {process.username()}.",
                "Run this as that account.",
            ) from None
        except psutil.NoSuchProcess:
            pass
        self._end_worker()
        return True

    def _end_worker(self) -> None:
        # The worker of a scheduler that was killed holds the database's lock until it notices.
        for process in psutil.process_iter(["cmdline"]):
            with contextlib.suppress(psutil.Error):
                is_worker = WORKER in (process.info["cmdline"] or [])
                if is_worker and Path(process.cwd()) == self.root.resolve():
                    process.kill()
                    wait_until_ended(process, STOP_SECONDS)
