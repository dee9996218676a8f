"""The Python environment of demo and tests, made on first use. Python's own library only."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DEFAULT_DBT = "1.11"
# The newest Python that each dbt runs on; a later dbt runs on all that we know.
NEWEST_PYTHON = {
    "1.6": (3, 11), "1.7": (3, 12), "1.8": (3, 12), "1.9": (3, 12), "1.10": (3, 13),
}  # fmt: skip
# They need other versions of what an older dbt needs, and look at the same code for every dbt.
LINTERS = ("mypy", "ruff", "sqlfluff", "types-")
INSTALL_HELP = """\
Could not make a Python environment in {folder}.
Install one of these, then run this again:
  - uv (see its documentation), or
  - Python's venv and pip: on Debian and Ubuntu `apt install python3-venv`, on Fedora
    `dnf install python3-pip`, on Alpine `apk add py3-pip`.
"""


def chosen_dbt() -> str:
    """The version that DBT_VERSION asks for."""
    version = os.environ.get("DBT_VERSION") or DEFAULT_DBT
    if not re.fullmatch(r"1\.(6|7|8|9|10|11|12)", version):
        sys.exit(f"DBT_VERSION={version}: give one of 1.6 to 1.12.")
    return version


def prepare(version: str) -> Path:
    """Give the Python of a dbt version's environment.

    The environment is made first, where there is none yet or an outdated one.
    """
    folder = ROOT / f".venv-{version}"
    wanted = requirements(version)
    python, stamp = folder / "bin" / "python", folder / "made-from"
    made_from = hashlib.sha256("\n".join([str(folder), *wanted]).encode()).hexdigest()
    if stamp.is_file() and stamp.read_text() == made_from and _works(python):
        return python
    print(f"Making a Python environment in {folder} (once) …", flush=True)
    list_of_wanted = ROOT / f".venv-{version}.txt"
    list_of_wanted.write_text("\n".join(wanted) + "\n")
    try:
        if not any(make(folder, list_of_wanted, version) for make in (with_uv, with_pip)):
            sys.exit(INSTALL_HELP.format(folder=folder))
    finally:
        list_of_wanted.unlink()
    stamp.write_text(made_from)
    return python


def requirements(version: str) -> list[str]:
    """What to install: the pinned list, or for another dbt what pyproject.toml asks for."""
    if version == DEFAULT_DBT:
        return (ROOT / "requirements-dev.txt").read_text().splitlines()
    project = (ROOT / "pyproject.toml").read_text()
    # Python 3.10 has no TOML reader; the two lists are one quoted requirement a line.
    lists = re.findall(r"^(?:dependencies|dev) = \[\n(.*?)^\]", project, re.DOTALL | re.MULTILINE)
    names = re.findall(r'^    "(.+)",$', "".join(lists), re.MULTILINE)
    # dbt 1.6 and copier want different versions of pydantic.
    unwanted = ("dbt-", *LINTERS, *(["copier"] if version == "1.6" else []))
    others = [name for name in names if not name.startswith(unwanted)]
    adapter = "1.11" if version == "1.12" else version
    return [*others, f"dbt-core~={version}.0", f"dbt-postgres~={adapter}.0"]


def with_uv(folder: Path, wanted: Path, version: str) -> bool:
    """Make the environment with uv, if uv is there and can."""
    uv = shutil.which("uv")
    if uv is None:
        return False
    newest = NEWEST_PYTHON.get(version, sys.version_info[:2])
    python = sys.executable if sys.version_info[:2] <= newest else "{}.{}".format(*newest)
    if not _run(uv, "venv", "--quiet", "--clear", "--python", python, folder):
        return False
    _install(uv, "pip", "install", "--quiet", "--python", folder / "bin" / "python", "-r", wanted)
    return True


def with_pip(folder: Path, wanted: Path, version: str) -> bool:
    """Make the environment with Python's own venv and pip, if they can."""
    newest = NEWEST_PYTHON.get(version, sys.version_info[:2])
    python = sys.executable
    if sys.version_info[:2] > newest:
        name = "python{}.{}".format(*newest)
        python = shutil.which(name) or sys.exit(f"dbt {version} needs {name} or older, or uv.")
    shutil.rmtree(folder, ignore_errors=True)
    if not _run(python, "-m", "venv", folder):
        return False
    pip = [folder / "bin" / "python", "-m", "pip", "install", "--disable-pip-version-check"]
    _install(*pip, "-qq", "-r", wanted)
    return True


def _install(*command: str | Path) -> None:
    if not _run(*command):
        sys.exit("Could not install the packages; the reason stands above.")


def _works(python: Path) -> bool:
    try:
        return subprocess.run([python, "-c", ""], check=False, capture_output=True).returncode == 0
    except OSError:
        return False


def _run(*command: str | Path) -> bool:
    try:
        return subprocess.run(command, check=False, cwd=ROOT).returncode == 0
    except OSError as error:
        print(error, file=sys.stderr)
        return False
