"""dbt of another version in a virtualenv that is made once and kept.

Where: PGTRICKLE_DBT_VENVS, else the user's cache folder.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs
import pytest

from tasklib.project import dbt_driver
from tasklib.project.dbt_v2 import EXPERIMENTAL
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
    "1.12": (),
    "2.0.0a4": (),
    "2.0": (),
}
# What comes without what it requires: dbt 1.12 wants a parser that is optional as it runs and that
# fetches its binary as it is installed. Newer ones of v2 do the same; these wheels hold it.
ALONE = {
    "1.12": ("dbt-core~=1.12.0", "dbt-postgres~=1.9"),
    "2.0.0a4": ("dbt-core==2.0.0a4", "adbc-driver-postgresql"),
    "2.0": ("dbt==2.0.0rc196", "adbc-driver-postgresql"),
}

# What calls dbt for others, and sqlfluff, which asks it what a model becomes.
CALLERS = {
    "dagster": ("dagster-dbt>=0.29", *PACKAGES["1.11"]),
    "airflow": ("apache-airflow>=3", "astronomer-cosmos>=1.15", *PACKAGES["1.11"]),
    "sqlfluff": ("sqlfluff-templater-dbt", *PACKAGES["1.11"]),
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


@dataclass(frozen=True)
class DbtV2:
    """dbt v2, written in Rust: a program of its own, which begins as fast as it ends."""

    program: Path
    root: Path
    environment: Mapping[str, str]

    def __call__(self, *args: str, success: bool = True) -> dict[str, Any]:
        """Run one command, as Dbt does; what our macros logged stands for a model's message."""
        folders = ["--project-dir", str(self.root), "--profiles-dir", str(self.root)]
        done = subprocess.run(
            [str(self.program), *args, *folders], cwd=self.root, env=self.environment, text=True,
            check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert (done.returncode == 0) is success, f"dbt {' '.join(args)}:\n{done.stdout}"
        models = re.findall(r"(?:Succeeded|Warned|Failed) \[.*?\] model \w+\.(\w+) ", done.stdout)
        said = re.findall(r"^\w+\.(\w+): ([A-Z]+.*)$", done.stdout, re.M)
        return {"log": done.stdout, "messages": dict.fromkeys(models, "UNCHANGED") | dict(said)}


def python_with_dbt(version: str) -> Path:
    """The Python of a virtualenv with this dbt version, or caller, installed on first use.

    What doesn't come from PyPI in dbt's usual way skips the test where it can't be had.
    """
    cache = os.environ.get("PGTRICKLE_DBT_VENVS") or platformdirs.user_cache_dir(
        "dbt-pgtrickle-tests"
    )
    folder = Path(cache) / f"dbt-{version}"
    python, stamp = folder / "bin" / "python", folder / "installed"
    wanted = "\n".join([*ALONE.get(version, ()), *{**PACKAGES, **CALLERS}[version]])
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as lock:
        # several processes of the tests may come here at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != wanted:
            try:
                _install(version, folder, python)
            except subprocess.CalledProcessError as error:
                if version not in ALONE:
                    raise
                pytest.skip(f"dbt {version} can't be had: {' '.join(error.cmd[-4:])} failed")
            stamp.write_text(wanted)
    return python


def _install(version: str, folder: Path, python: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    own = sys.version_info < (3, 12)
    uv = _uv(folder.parent)
    make = [uv, "venv", "--quiet", "--python", sys.executable if own else "3.11"]
    install = [uv, "pip", "install", "--quiet", "--python", str(python)]
    subprocess.run([*make, str(folder)], check=True)
    alone, others = ALONE.get(version, ()), {**PACKAGES, **CALLERS}[version]
    if alone:
        subprocess.run([*install, "--no-deps", *alone], check=True)
        others = _required(python) if "dbt-postgres~=1.9" in alone else ()
    if others:
        subprocess.run([*install, *others], check=True)
    for library in folder.rglob("libadbc_driver_postgresql.so"):
        place = folder / "cache" / dbt_driver.PLACE / dbt_driver.NAME
        place.parent.mkdir(parents=True)
        place.symlink_to(library)


def _uv(cache: Path) -> str:
    """The uv of this machine, or PyPI's in the cache: pip takes minutes where it takes seconds."""
    found = shutil.which("uv")
    if found:
        return found
    with (cache / "uv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        program = cache / "uv" / "bin" / "uv"
        if not program.exists():
            install = [sys.executable, "-m", "pip", "install", "--quiet", "--target"]
            subprocess.run([*install, str(program.parents[1]), "uv"], check=True)
    return str(program)


def _required(python: Path) -> list[str]:
    """What dbt-core and dbt-postgres require where they were installed alone, but the parser."""
    ask = (
        "import importlib.metadata as m, json;"
        "print(json.dumps(m.requires('dbt-core') + m.requires('dbt-postgres')))"
    )
    told = subprocess.run([str(python), "-c", ask], check=True, capture_output=True, text=True)
    return [
        one for one in json.loads(told.stdout)
        if not one.startswith("dbt-core") and "extra ==" not in one
    ]  # fmt: skip


def dbt_v2(version: str, root: Path, database: Database) -> DbtV2:
    """A dbt v2 in a project, with PyPI's driver in a cache of its own."""
    python = python_with_dbt(version)
    own = {EXPERIMENTAL: "true", "XDG_CACHE_HOME": str(python.parents[1] / "cache")}
    # it asks for one, also of a server that doesn't
    own["PGPASSWORD"] = database.env["PGPASSWORD"] or "unasked"
    return DbtV2(python.with_name("dbt"), root, {**os.environ, **database.env, **own})


@contextlib.contextmanager
def running_dbt(version: str, root: Path, database: Database) -> Iterator[Dbt | DbtV2]:
    """A dbt of this version, ready for commands in a project."""
    if version.startswith("2"):
        yield dbt_v2(version, root, database)
        return
    environment = {
        key: value for key, value in os.environ.items() if key != "PYTHONPATH"
    } | database.env
    with subprocess.Popen(
        [str(python_with_dbt(version)), str(WORKER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True, cwd=root, env=environment,
    ) as process:  # fmt: skip
        yield Dbt(process)
