"""The account that PostgreSQL runs under: one's own, or a service account where one is root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SERVICE_ACCOUNT = "pgtrickle"
FALLBACK_ACCOUNT = "nobody"


@dataclass(frozen=True)
class Account:
    """An account other than this process's own."""

    uid: int
    gid: int

    @property
    def popen(self) -> dict[str, Any]:
        """The arguments of subprocess that start a program under this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def can(self, what: str, path: Path) -> bool:
        """Ask the system whether this account may read ("r"), enter or run ("x") a path."""
        test = subprocess.run(["test", f"-{what}", str(path)], check=False, cwd="/", **self.popen)
        return test.returncode == 0


def server_account(data: Path) -> Account | None:
    """The account for a server on these data: their owner's, or the service account for new ones.

    None means this process's own account, the usual case: only root has to become someone else,
    since PostgreSQL refuses to run as root.
    """
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return Account(data.stat().st_uid, data.stat().st_gid)
    entry = _find(SERVICE_ACCOUNT) or _create() or pwd.getpwnam(FALLBACK_ACCOUNT)
    return Account(entry.pw_uid, entry.pw_gid)


def _find(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _create() -> pwd.struct_passwd | None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        return None
    options = ["--system", "--no-create-home", "--home-dir", "/nonexistent"]
    subprocess.run(
        [useradd, *options, "--shell", "/usr/sbin/nologin", SERVICE_ACCOUNT],
        check=False,
        capture_output=True,
    )
    return _find(SERVICE_ACCOUNT)
