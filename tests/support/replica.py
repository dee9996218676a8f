"""A read replica of the tests' server: a hot standby that streams from it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.support.postgres import Database, free_port
from tests.support.restore import PROGRAMS


@contextlib.contextmanager
def replica_of(database: Database) -> Iterator[Database]:
    """The same database on a standby, which has replayed all that was written before.

    Args:
        database: the primary's, as a role that may replicate.
    """
    folder, port = Path(tempfile.mkdtemp(prefix="pgtrickle-replica-")), free_port()
    account: dict[str, Any] = {}
    if os.geteuid() == 0:
        account = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        shutil.chown(folder, "nobody")

    def run(program: str, *args: str) -> None:
        subprocess.run(
            [PROGRAMS / program, *args], check=True, cwd=folder, stdout=subprocess.DEVNULL,
            env={**os.environ, **database.env}, **account,
        )  # fmt: skip

    data = folder / "data"
    try:
        run("pg_basebackup", "-D", str(data), "--write-recovery-conf", "--checkpoint=fast",
            "--no-sync")  # fmt: skip
        run("pg_ctl", "-D", str(data), "-l", str(folder / "log"), "-w",
            "-o", f"-p {port}", "start")  # fmt: skip
        standby = replace(database, params={**database.params, "port": str(port)})
        catch_up(database, standby)
        yield standby
    finally:
        if (data / "postmaster.pid").exists():
            run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def catch_up(primary: Database, standby: Database) -> None:
    """Wait until a standby has replayed what the primary has written so far."""
    written = primary.value("select pg_current_wal_insert_lsn()::text")
    deadline = time.monotonic() + 60
    while not standby.value("select pg_last_wal_replay_lsn() >= %s::pg_lsn", written):
        assert time.monotonic() < deadline, "the standby doesn't catch up"
        time.sleep(0.05)
