"""What of the project is on this machine: .env, port, folders."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

from tasklib.base import dsn, env_file
from tasklib.base.errors import UserError
from tasklib.base.findings import ERROR, OK, WARN, Finding
from tasklib.engines import port
from tasklib.engines.embedded.layout import find_layout
from tasklib.engines.embedded.store import cache
from tasklib.project.project import Project

LITTLE_SPACE = 500 * 2**20


def connection(project: Project) -> Iterator[Finding]:
    """What .env names, and whether others may read its password."""
    stored = env_file.read(project.env_path)
    if not project.env_path.exists():
        yield Finding(".env", OK, "not there yet; `invoke up` writes it")
        return
    names = [name for name in (dsn.VARIABLE, "PGHOST") if name in stored]
    told = f"names a server by {' and '.join(names)}" if names else "names no server"
    mode = project.env_path.stat().st_mode & 0o777
    if mode & 0o077:
        yield Finding(
            ".env", WARN, f"{told}; other accounts may read it ({mode:o})",
            f"chmod 600 {shlex.quote(str(project.env_path))}",
        )  # fmt: skip
    else:
        yield Finding(".env", OK, f"{told}, mode {mode:o}")


def listening(project: Project, *, running: bool, known: bool) -> Iterator[Finding]:
    """Whether the port is free, ours, or another's.

    Args:
        project: the project.
        running: whether the project's own server runs.
        known: whether that could be found out; else the port may be ours.
    """
    if running:
        yield Finding("port", OK, f"{project.port}: ours")
        return
    try:
        port.require_free(project.port)
    except UserError as error:
        verdict, remedy = (ERROR, error.remedy) if known else (OK, "")
        yield Finding("port", verdict, error.cause.rstrip("."), remedy)
        return
    yield Finding("port", OK, f"{project.port}: free")


def folders(project: Project, data: str) -> Iterator[Finding]:
    """Data, logs and downloads, with their sizes, and the room that is left.

    Args:
        project: the project.
        data: where the engine has its data; empty if it has none.
    """
    size = f" ({_size(Path(data))})" if Path(data).is_absolute() else ""
    yield Finding("data", OK, f"{data}{size}" if data else "none yet")
    logs = [project.root / "logs", *project.state_dir.glob("*.log")]
    kept = cache(find_layout(project))
    yield Finding(
        "files", OK,
        f"logs {_sum(logs)}, dbt's target {_size(project.root / 'target')}, "
        f"state {'.pgtrickle' if project.state_dir.is_dir() else 'none'}, "
        f"cache {_size(kept) if kept.exists() else 'none'}",
    )  # fmt: skip
    free = shutil.disk_usage(project.root).free
    if free < LITTLE_SPACE:
        yield Finding("disk", WARN, f"{_text(free)} left", "Make room on that disk.")
    else:
        yield Finding("disk", OK, f"{_text(free)} left")


def _size(path: Path) -> str:
    return _sum([path])


def _sum(paths: list[Path]) -> str:
    return _text(sum(map(_bytes, paths)))


def _bytes(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    total = 0
    # A running server makes and deletes files meanwhile.
    for folder, _, names in os.walk(path):
        for name in names:
            try:
                total += os.lstat(os.path.join(folder, name)).st_size  # noqa: PTH118 many files
            except OSError:
                continue
    return total


def _text(size: int) -> str:
    for limit, unit, name in ((10**6, 10**3, "kB"), (10**10, 10**6, "MB")):
        if size < limit:
            return f"{size / unit:.0f} {name}"
    return f"{size / 10**9:.0f} GB"
