"""dbt of another version in a virtualenv that is made once and kept.

Where: PGTRICKLE_DBT_VENVS, else the user's cache folder.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from tests.support.postgres import Database

WORKER = Path(__file__).with_name("worker.py")
# up to 1.7 dbt-postgres had dbt-core's version; 1.6 and 1.7 need Python 3.11 or older
PACKAGES = {
    "1.6": ("dbt-core~=1.6.0", "dbt-postgres~=1.6.0", "setuptools<81"),
    "1.7": ("dbt-core~=1.7.0", "dbt-postgres~=1.7.0", "setuptools<81"),
    "1.8": ("dbt-core~=1.8.0", "dbt-postgres>=1.8,<1.10"),
    "1.9": ("dbt-core~=1.9.0", "dbt-postgres~=1.9"),
    "1.10": ("dbt-core~=1.10.0", "dbt-postgres~=1.9"),
    "1.11": ("dbt-core~=1.11.0", "dbt-postgres~=1.9"),
}


@dataclass(frozen=True)
class Dbt:
    """A running dbt of one version, bound to one project folder and one database."""

    process: subprocess.Popen[str]

    def __call__(self, *args: str, success: bool = True) -> dict[str, Any]:
        """Run one command; fails the test unless it ends as `success` says."""
        assert self.process.stdin and self.process.stdout
        command = [
            "--no-use-colors", "--no-send-anonymous-usage-stats", "--no-version-check", "--quiet",
            *args,
        ]  # fmt: skip
        print(json.dumps(command), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        assert line, f"dbt {args} ended without an answer, status {self.process.wait()}"
        answer: dict[str, Any] = json.loads(line)
        assert answer["success"] is success, f"dbt {' '.join(args)}:\n{answer['log']}"
        return answer


def python_with_dbt(version: str) -> Path:
    """The Python of a virtualenv with this dbt version, installed on first use."""
    cache = os.environ.get("PGTRICKLE_DBT_VENVS") or platformdirs.user_cache_dir(
        "dbt-pgtrickle-tests"
    )
    folder = Path(cache) / f"dbt-{version}"
    python = folder / "bin" / "python"
    stamp = folder / "installed"
    wanted = "\n".join(PACKAGES[version])
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    own = sys.version_info < (3, 12)
    if shutil.which("uv"):
        make = ["uv", "venv", "--quiet", "--python", sys.executable if own else "3.11"]
        install = ["uv", "pip", "install", "--quiet", "--python", str(python)]
    else:
        make = [sys.executable if own else "python3.11", "-m", "venv"]
        install = [str(python), "-m", "pip", "install", "--quiet"]
    subprocess.run([*make, str(folder)], check=True)
    subprocess.run([*install, *PACKAGES[version]], check=True)
    stamp.write_text(wanted)
    return python


@contextlib.contextmanager
def running_dbt(version: str, root: Path, database: Database) -> Iterator[Dbt]:
    """A dbt of this version, ready for commands in a project."""
    environment = {
        key: value for key, value in os.environ.items() if key != "PYTHONPATH"
    } | database.env
    with subprocess.Popen(
        [str(python_with_dbt(version)), str(WORKER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True, cwd=root, env=environment,
    ) as process:  # fmt: skip
        yield Dbt(process)
