"""A PostgreSQL server and its data on this machine: make, start, find and stop it."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tasklib.base import files
from tasklib.base.errors import UserError
from tasklib.base.logs import last_lines
from tasklib.base.process import ended, wait_until_ended
from tasklib.engines.base import MAJOR_VERSION
from tasklib.engines.embedded.layout import PASSWORD_FILE, Layout, abandoned, unfinished
from tasklib.engines.server.roles import SUPERUSER

NEW_DATA_MEGABYTES = 100
START_SECONDS = 60
STOP_SECONDS = 30
ORPHAN_SECONDS = 2
POLL_SECONDS = 0.02
# One call for a thousand files; other systems don't have it.
_SYNC = ("--sync-method=syncfs",) if sys.platform == "linux" else ()
_INHERITED = ("PATH", "TZ", "TMPDIR", "LD_LIBRARY_PATH")
_PORT_LINE, _STATUS_LINE = 3, 7


@dataclass(frozen=True)
class Running:
    """A server that runs on the data."""

    pid: int
    port: int


@dataclass(frozen=True)
class Cluster:
    """Data, and the server on them if it runs."""

    layout: Layout
    log: Path

    def exists(self) -> bool:
        """Whether there are data that this server can use.

        Raises:
            UserError: they belong to another account, or to another version of PostgreSQL.
        """
        with files.explained(self.layout.data):
            try:
                version = (self.layout.data / "PG_VERSION").read_text().strip()
            except FileNotFoundError:
                return False
        if version != MAJOR_VERSION:
            raise UserError(
                f"The data in {self.layout.data} are of PostgreSQL {version}; "
                f"this server is PostgreSQL {MAJOR_VERSION}.",
                f"Dump them with PostgreSQL {version} if you need them; "
                "then `invoke down --volumes` deletes them and `invoke up` begins anew.",
            )
        return True

    def create(
        self, password: str, notes: Mapping[str, str] | None = None, *, durable: bool = True
    ) -> None:
        """Make new data with one superuser.

        Args:
            password: the superuser's.
            notes: texts that belong to the data, by the name of their file.
            durable: wait until they are on the disk.

        Raises:
            UserError: no permission or no space.
        """
        files.require_space(self.layout.data.parent, NEW_DATA_MEGABYTES)
        if self.layout.data.exists() and any(self.layout.data.iterdir()):
            raise UserError(
                f"The data in {self.layout.data} are not whole: PG_VERSION is missing.",
                "Delete them with `invoke down --volumes`, then `invoke up` begins anew.",
            )
        new = unfinished(self.layout.data)
        with files.explained(new):
            for left in abandoned(self.layout.data):
                shutil.rmtree(left, ignore_errors=True)
            self.layout.forget_passwords()
            new.mkdir(mode=0o700)
            self.layout.give(new)
            with tempfile.NamedTemporaryFile("w", dir=new.parent, prefix=PASSWORD_FILE) as secret:
                secret.write(password)
                secret.flush()
                self.layout.give(Path(secret.name))
                done = self._call(
                    "initdb", "-D", str(new), "-U", SUPERUSER, "-A", "scram-sha-256",
                    f"--pwfile={secret.name}", "--encoding=UTF8", "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8", "--locale=C", "--no-instructions",
                    *(_SYNC if durable else ("--no-sync",)),
                )  # fmt: skip
        if done.returncode:
            shutil.rmtree(new, ignore_errors=True)
            raise _failure(f"PostgreSQL could not make its data in {new.parent}", done.stderr)
        for name, text in (notes or {}).items():
            self._write(new / name, text)
        new.rename(self.layout.data)

    def note(self, name: str) -> str:
        """A text that belongs to the data; empty if there is none of that name.

        Raises:
            UserError: it can't be read.
        """
        with files.explained(self.layout.data):
            try:
                return (self.layout.data / name).read_text(encoding="utf-8")
            except FileNotFoundError:
                return ""

    def write_note(self, name: str, text: str) -> None:
        """Write a text that belongs to the data.

        Raises:
            UserError: it can't be written.
        """
        self._write(self.layout.data / name, text)

    def why_not_starting(self, settings: Mapping[str, str]) -> str:
        """What keeps a stopped server from starting up to its shared memory; empty if nothing.

        Args:
            settings: further settings of PostgreSQL.
        """
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        # Asking for this one makes PostgreSQL load the preloaded libraries first.
        done = self._call(
            "postgres", "-D", str(self.layout.data), *options, "-C", "shared_memory_size"
        )
        return _reason(done.stderr) if done.returncode else ""

    def set_password(self) -> str:
        """Give the superuser of a stopped server a new random password, and return it.

        Raises:
            UserError: the data can't be used.
        """
        password = secrets.token_urlsafe(24)
        statement = f"alter user {SUPERUSER} password '{password}'\n"
        done = self._call("postgres", "--single", "-D", str(self.layout.data), "postgres",
                          given=statement)  # fmt: skip
        if done.returncode or "ERROR:" in done.stderr:
            raise _failure("PostgreSQL could not set a new password", done.stderr)
        return password

    def running(self) -> Running | None:
        """The server on these data, recognised by its working folder: a pid alone may be reused.

        Raises:
            UserError: this account may not look at the data.
        """
        lines = self._pid_file()
        if len(lines) > _PORT_LINE and lines[0].isdigit() and lines[_PORT_LINE].isdigit():
            pid = int(lines[0])
            if psutil.pid_exists(pid) and self._works_here(psutil.Process(pid)):
                return Running(pid, int(lines[_PORT_LINE]))
        return None

    def was_given(self, running: Running, name: str, value: str) -> bool:
        """Whether a running server was started with a setting; True where nobody may look."""
        try:
            return f"{name}={value}" in psutil.Process(running.pid).cmdline()
        except psutil.Error:
            return True

    def start(self, port: int, settings: Mapping[str, str]) -> list[str]:
        """Start the server and wait until it takes connections; tell what had to be repaired.

        Args:
            port: where it listens, on loopback.
            settings: further settings of PostgreSQL.

        Raises:
            UserError: the server doesn't start.
        """
        repaired = self._clear_away()
        command = [str(self.layout.programs / "postgres"), "-D", str(self.layout.data)]
        chosen = {
            "listen_addresses": "127.0.0.1", "port": str(port), "unix_socket_directories": "",
            **settings,
        }  # fmt: skip
        for name, value in chosen.items():
            command += ["-c", f"{name}={value}"]
        with files.explained(self.log), self.log.open("a") as log:
            start_of_log = log.tell()
            # The session of its own keeps it running when the terminal closes or Ctrl-C is typed.
            server = subprocess.Popen(
                command, cwd="/", env=_environment(), stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, start_new_session=True, **self._popen(),
            )  # fmt: skip
        self.wait_until_ready(server.pid, lambda: server.poll() is not None, start_of_log)
        return repaired

    def wait_until_ready(
        self, pid: int, failed: Callable[[], bool] = bool, start_of_log: int = 0
    ) -> None:
        """Wait until a server that was started takes connections.

        Args:
            pid: its process.
            failed: tells whether that has ended.
            start_of_log: where in the log it began to write.

        Raises:
            UserError: it ends, or takes too long.
        """
        deadline = time.monotonic() + START_SECONDS
        while not self._ready(pid):
            if failed():
                with self.log.open("rb") as log:
                    log.seek(start_of_log)
                    said = log.read().decode(errors="replace")
                raise _failure("PostgreSQL did not start", said, self.log)
            if time.monotonic() > deadline:
                raise UserError(
                    f"PostgreSQL was not ready within {START_SECONDS} s.",
                    f"See {self.log}; `invoke up` goes on waiting.",
                )
            time.sleep(POLL_SECONDS)

    def stop(self) -> bool:
        """Stop the server, open transactions rolled back; tell whether it ran.

        Raises:
            UserError: it doesn't end, or belongs to another account.
        """
        running = self.running()
        if running is None:
            return False
        server = psutil.Process(running.pid)
        with files.explained(self.layout.data):
            for kind in (signal.SIGINT, signal.SIGQUIT):
                os.kill(running.pid, kind)
                if wait_until_ended(server, STOP_SECONDS):
                    return True
        raise UserError(
            f"PostgreSQL (pid {running.pid}) doesn't stop.", f"See {self.log}, then end it by hand."
        )

    def _ready(self, pid: int) -> bool:
        lines = self._pid_file()
        return (
            len(lines) > _STATUS_LINE
            and lines[0] == str(pid)
            and lines[_STATUS_LINE].strip() == "ready"
        )

    def _pid_file(self) -> list[str]:
        with files.explained(self.layout.data):
            try:
                return (self.layout.data / "postmaster.pid").read_text(errors="replace").split("\n")
            except FileNotFoundError:
                return []

    def _works_here(self, process: psutil.Process) -> bool:
        try:
            return (
                not ended(process)
                and process.name().startswith("postgres")
                and Path(process.cwd()) == self.layout.data.resolve()
            )
        except psutil.Error:
            return False

    def _clear_away(self) -> list[str]:
        repaired = []
        # After a killed server, its children may still write into the data for a moment.
        orphans = [p for p in psutil.process_iter(["name"]) if self._works_here(p)]
        for orphan in orphans:
            orphan.terminate()
        deadline = time.monotonic() + ORPHAN_SECONDS
        for orphan in orphans:
            if not wait_until_ended(orphan, deadline - time.monotonic()):
                orphan.kill()
                wait_until_ended(orphan, ORPHAN_SECONDS)
        if orphans:
            repaired.append("ended what a killed server had left running")
        stale = self.layout.data / "postmaster.pid"
        if stale.exists():
            with files.explained(stale):
                stale.unlink()
            repaired.append("removed the stale postmaster.pid of a server that is gone")
        return repaired

    def _call(self, program: str, *args: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.layout.programs / program), *args], input=given, capture_output=True,
            text=True, errors="replace", check=False, cwd="/", env=_environment(), **self._popen(),
        )  # fmt: skip

    def _popen(self) -> dict[str, Any]:
        return self.layout.account.popen if self.layout.account else {}

    def _write(self, file: Path, text: str) -> None:
        temporary = file.with_name(file.name + ".new")
        with files.explained(file):
            temporary.write_text(text, encoding="utf-8")
            temporary.chmod(0o600)
            self.layout.give(temporary)
            temporary.replace(file)


def _environment() -> dict[str, str]:
    """Only what a server needs: no secrets, no PG* variables, messages in English."""
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return kept | {"LC_ALL": "C"}


def _failure(what: str, output: str, log: Path | None = None) -> UserError:
    reason = _reason(output)
    if "No space left on device" in output:
        return UserError(f"{what}: no space left on the disk.", files.NO_SPACE_REMEDY)
    detail = f"See {log} for all that it said." if log else last_lines(output, 5)
    return UserError(f"{what}: {reason}", detail)


def _reason(output: str) -> str:
    lines = [line for line in output.splitlines() if "FATAL:" in line or "error:" in line]
    return (lines or output.strip().splitlines() or ["it said nothing"])[-1].strip()
