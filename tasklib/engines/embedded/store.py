"""Releases on this machine: downloaded, verified, unpacked and tried once, then kept."""

from __future__ import annotations

import dataclasses
import hashlib
import shutil
import tempfile
import time
from pathlib import Path

import platformdirs
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from tasklib.base import files
from tasklib.base.display import console
from tasklib.base.errors import UserError
from tasklib.engines.embedded.cluster import Cluster
from tasklib.engines.embedded.layout import MACHINE_DIR, Layout
from tasklib.engines.release import archive
from tasklib.engines.release.pinned import Release
from tasklib.engines.release.source import source
from tasklib.project.project import Project

LIBRARY = "pg_trickle"
MOST_BYTES = 2**29
UNFINISHED = "new."
ABANDONED_SECONDS = 24 * 3600


def cache(layout: Layout) -> Path:
    """Where releases are kept: with the user's caches, or where the server's account can enter."""
    base = MACHINE_DIR if layout.account else platformdirs.user_cache_path("pgtrickle")
    return base / "releases"


def folder(version: str, sha256: str, layout: Layout) -> Path:
    """Where one release is kept."""
    return cache(layout) / f"pg_trickle-{version}-{sha256[:16]}"


def obtain(project: Project, release: Release, layout: Layout) -> Path:
    """Have a release on this machine, whole, genuine and loadable; give its folder.

    What fails leaves nothing behind.

    Raises:
        UserError: it can't be had, isn't what its checksum says, or doesn't load here.
    """
    kept = folder(release.version, release.sha256, layout)
    if kept.is_dir():
        return kept
    with files.explained(kept):
        for place in (kept.parent.parent, kept.parent):
            place.mkdir(parents=True, exist_ok=True)
            if layout.account:
                place.chmod(0o755)
        _clear_away(kept.parent)
        with tempfile.TemporaryDirectory(dir=kept.parent, prefix=UNFINISHED) as name:
            scratch = Path(name)
            scratch.chmod(0o755)
            file = scratch / release.name
            _download(project, release, file)
            unpacked = archive.unpack(file, scratch / "unpacked")
            _open_to_all(scratch / "unpacked")
            _require_loadable(unpacked, release, layout, scratch)
            try:
                unpacked.rename(kept)
            except OSError:
                # Another project's `invoke up` was faster.
                if not kept.is_dir():
                    raise
    return kept


def server_settings(kept: Path, others: dict[str, str]) -> dict[str, str]:
    """A server's settings with the release in them, before what the others name.

    Args:
        kept: the release's folder.
        others: further settings.
    """
    libraries = others.get("shared_preload_libraries", "").split(",")
    preloaded = [name.strip() for name in libraries if name.strip() not in ("", LIBRARY)]
    return {
        **others,
        "shared_preload_libraries": ",".join([LIBRARY, *preloaded]),
        "extension_control_path": f"{kept}:{others.get('extension_control_path', '$system')}",
        "dynamic_library_path": f"{kept / 'lib'}:{others.get('dynamic_library_path', '$libdir')}",
    }


def _clear_away(folder: Path) -> None:
    """Remove what a killed process left; a living one may still be at work on newer ones."""
    for path in folder.glob(f"{UNFINISHED}*"):
        if time.time() - path.stat().st_mtime > ABANDONED_SECONDS:
            shutil.rmtree(path, ignore_errors=True)


def _download(project: Project, release: Release, target: Path) -> None:
    digest, arrived = hashlib.sha256(), 0
    shown = console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(),
               TransferSpeedColumn())  # fmt: skip
    with (
        source(project).download(release.version, release.name) as download,
        Progress(*columns, console=shown, transient=True, disable=not shown.is_terminal) as bar,
        target.open("xb") as stream,
    ):
        task = bar.add_task(release.name, total=download.size)
        for piece in download.pieces:
            arrived += len(piece)
            if arrived > MOST_BYTES:
                raise UserError(
                    f"{release.name} is larger than {MOST_BYTES // 2**20} MB.",
                    "That can't be a release of pg_trickle; look where it comes from.",
                )
            digest.update(piece)
            stream.write(piece)
            bar.update(task, completed=arrived)
    if digest.hexdigest() != release.sha256:
        raise UserError(
            f"{release.name} is not what its checksum says: it has SHA-256 {digest.hexdigest()}, "
            f"not {release.sha256}.",
            "The download is damaged or was tampered with: try again, then look where it comes "
            "from. It was deleted.",
        )


def _open_to_all(unpacked: Path) -> None:
    """The server's account reads it, whatever the archive and the umask say."""
    for path in (unpacked, *unpacked.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _require_loadable(unpacked: Path, release: Release, layout: Layout, scratch: Path) -> None:
    """Let a server of its own load it, so that no data ever depend on what doesn't load."""
    if ":" in str(unpacked):
        raise UserError(
            f"PostgreSQL can't load an extension from {unpacked}: the path has a colon.",
            "Set XDG_CACHE_HOME to a folder without one.",
        )
    place = scratch / "trial"
    place.mkdir()
    layout.prepare()
    layout.give(place)
    trial = Cluster(dataclasses.replace(layout, data=place / "data"), place / "log")
    settings = server_settings(unpacked, {})
    trial.create("trial", durable=False)
    reason = trial.why_not_starting(settings)
    shutil.rmtree(place)
    if reason:
        raise UserError(
            f"The library of pg_trickle {release.version} doesn't load here: {reason}",
            _remedy(reason),
        )


def _remedy(reason: str) -> str:
    otherwise = "Use the engine docker, or the stand-in (pgtrickle: extension: pg_trickle_lite)."
    if "GLIBC" in reason:
        return f"It was built for a newer system (glibc) than this one. {otherwise}"
    return f"It was built for another system than this one. {otherwise}"
