"""Where pg_trickle's release archives come from: GitHub's page, a mirror of it, or a folder."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from packaging.version import Version

from tasklib.base import files
from tasklib.base.errors import UserError
from tasklib.engines.release.place import CHUNK, SUMS, VARIABLE, Download, Source
from tasklib.project.project import Project

PAGE = "https://github.com/trickle-labs/pg-trickle/releases"


def source(project: Project) -> Source:
    """The project's source: a setting's folder, PGTRICKLE_RELEASE_URL's place, or GitHub."""
    archive = project.settings.get("archive")
    if archive:
        return Folder((project.root / Path(str(archive)).expanduser()).parent)
    place = project.environment().get(VARIABLE) or PAGE
    parts = _read(place)
    if parts.scheme in ("http", "https"):
        from tasklib.engines.release.page import Page  # noqa: PLC0415 requests is slow to import

        return Page(place.rstrip("/"))
    folder = unquote(parts.path) if parts.scheme == "file" else place
    return Folder(project.root / Path(folder).expanduser())


def _read(place: str) -> SplitResult:
    """The parts of an address or a path.

    Raises:
        UserError: (exit status 2) it is an address that nothing can be had from.
    """
    remedy = "Name an address http(s)://…, or a folder."
    try:
        parts = urlsplit(place)
        _ = parts.port
    except ValueError:
        raise UserError(f"{VARIABLE} is no address: its port is none.", remedy, 2) from None
    known = parts.scheme in ("http", "https", "file", "")
    if "://" in place and (not known or (parts.scheme != "file" and not parts.hostname)):
        raise UserError(f"{VARIABLE} can't be an address {parts.scheme}://….", remedy, 2)
    return parts


@dataclass(frozen=True)
class Folder:
    """A folder with downloaded archives and their SHA256SUMS.txt."""

    path: Path

    def latest(self, suffix: str) -> str:
        """The highest version with an archive for this platform.

        Raises:
            UserError: there is none.
        """
        pattern = re.compile(r"pg_trickle-([0-9][0-9.]*)" + re.escape(suffix))
        with files.explained(self.path):
            found = [
                match[1] for file in self.path.iterdir() if (match := pattern.fullmatch(file.name))
            ]
        if not found:
            raise UserError(
                f"{self.path} has no archive pg_trickle-VERSION{suffix}.",
                "Put the release's archive and its SHA256SUMS.txt there.",
            )
        return max(found, key=Version)

    def sums(self, version: str) -> str:  # noqa: ARG002 it stands beside the archive
        """Read SHA256SUMS.txt.

        Raises:
            UserError: it isn't there.
        """
        file = self.path / SUMS
        try:
            with files.explained(file):
                return file.read_text(encoding="utf-8", errors="replace")
        except UserError as error:
            if file.exists():
                raise
            raise UserError(
                f"There is no {SUMS} in {self.path} to check the archive against.",
                "Put the release's own there; for an archive of your own: "
                f"`sha256sum pg_trickle-*.tar.gz > {SUMS}`.",
            ) from error

    @contextlib.contextmanager
    def download(self, version: str, name: str) -> Iterator[Download]:  # noqa: ARG002
        """Open a file.

        Raises:
            UserError: it isn't there or can't be read.
        """
        file = self.path / name
        with files.explained(file), file.open("rb") as stream:
            yield Download(iter(lambda: stream.read(CHUNK), b""), file.stat().st_size)
