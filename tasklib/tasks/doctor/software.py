"""Which versions of what are installed here."""

from __future__ import annotations

import importlib.metadata
import platform
from collections.abc import Iterator
from pathlib import Path

import yaml

from tasklib import __version__
from tasklib.base.findings import ERROR, OK, WARN, Finding
from tasklib.project.dbt import v2

NEEDED = ("dbt-core", "dbt-postgres")
INSTALL = "Run `uv sync`, or `pip install -e .` with this environment's pip."
DAEMON_SECONDS = 2


def python_and_dbt() -> Iterator[Finding]:
    """Python, and dbt with its adapter."""
    yield Finding("Python", OK, platform.python_version())
    if v2():
        yield Finding("dbt", OK, f"{v2()}: v2, whose adapter for PostgreSQL is an experiment")
        return
    versions = {name: _version(name) for name in NEEDED}
    missing = [name for name, version in versions.items() if not version]
    text = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    if missing:
        yield Finding("dbt", ERROR, f"{' and '.join(missing)} not installed here", INSTALL)
    else:
        yield Finding("dbt", OK, text)


def template(root: Path) -> Iterator[Finding]:
    """The version of the template that the project was made from."""
    file = root / ".copier-answers.yml"
    try:
        commit = yaml.safe_load(file.read_text(encoding="utf-8")).get("_commit")
    except (OSError, ValueError, AttributeError, yaml.YAMLError):
        why = "unknown: .copier-answers.yml is missing or damaged"
        yield Finding("template", WARN, why, "Restore it: `copier update` needs it.")
        return
    yield Finding("template", OK, f"{__version__}, from {commit or 'a commit without a version'}")


def docker(*, needed: bool) -> Iterator[Finding]:
    """Whether a Docker daemon answers.

    Args:
        needed: whether the engine in use is docker.
    """
    # The SDK is slow to import.
    from tasklib.base.errors import UserError  # noqa: PLC0415
    from tasklib.engines.docker import daemon  # noqa: PLC0415

    try:
        client = daemon.connect(DAEMON_SECONDS)
        version = client.version()["Version"]
    except UserError as error:
        verdict, remedy = (ERROR, error.remedy) if needed else (OK, "")
        unneeded = "" if needed else " (not needed here)"
        yield Finding("Docker", verdict, error.cause.rstrip(".") + unneeded, remedy)
        return
    yield Finding("Docker", OK, f"{version} answers")


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
