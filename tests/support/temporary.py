"""Where the tests' temporary files lie: in memory, where the machine has enough of it.

No crash need be survived, and on a slow disk everything waits for it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 Linux's own
ENOUGH = 4 * 2**30


def use_memory() -> None:
    """Have this process and those that it starts keep temporary files in memory.

    Unless TMPDIR says where, or that file system is small or lets no program run from it.
    """
    if "TMPDIR" in os.environ or not MEMORY.is_dir():
        return
    runs_programs = not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC
    if runs_programs and shutil.disk_usage(MEMORY).free > ENOUGH:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def new_folder() -> Path:
    """An empty folder for what a process makes once for many tests; gone when the process ends."""
    return Path(tempfile.mkdtemp(dir=_kept().name))


@cache
def _kept() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="pgtrickle-kept-")
