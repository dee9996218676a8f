"""Where pg_trickle's release archives come from: GitHub's page, a mirror of it, or a folder."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import requests
from packaging.version import Version

from tasklib import files
from tasklib.errors import UserError
from tasklib.project import Project

PAGE = "https://github.com/trickle-labs/pg-trickle/releases"
VARIABLE = "PGTRICKLE_RELEASE_URL"
SUMS = "SHA256SUMS.txt"
# Short, since `auto` has something else to offer where there is no internet.
CONNECT_SECONDS = 2.0
# Seconds to connect and to wait for the next piece.
ASK_TIMEOUT = (5.0, 8.0)
LOAD_TIMEOUT = (10.0, 30.0)
CHUNK = 2**18
WITHOUT_INTERNET = (
    "Check the network. Without internet, name a downloaded archive in invoke.yaml "
    f"(pgtrickle: archive), or a mirror or a folder in {VARIABLE}; "
    "or use the stand-in (pgtrickle: extension: pg_trickle_lite)."
)
_TAG = re.compile(r"/tag/v?([0-9][0-9A-Za-z.+-]*)/?$")


@dataclass(frozen=True)
class Download:
    """A file on its way: its pieces, and its size in bytes if that was told."""

    pieces: Iterator[bytes]
    size: int | None


class Source(Protocol):
    """A place with releases. Each method raises UserError for what a user can mend."""

    def latest(self, suffix: str) -> str:
        """The newest version; the archive's name ends with the suffix where that matters."""
        ...

    def sums(self, version: str) -> str:
        """The text of a version's SHA256SUMS.txt."""
        ...

    def download(self, version: str, name: str) -> contextlib.AbstractContextManager[Download]:
        """One file of a version."""
        ...


def source(project: Project) -> Source:
    """The project's source: a setting's folder, PGTRICKLE_RELEASE_URL's place, or GitHub."""
    archive = project.settings.get("archive")
    if archive:
        return Folder((project.root / Path(str(archive)).expanduser()).parent)
    place = project.environment().get(VARIABLE) or PAGE
    parts = urlsplit(place)
    if parts.scheme in ("http", "https"):
        return Page(place.rstrip("/"))
    folder = unquote(parts.path) if parts.scheme == "file" else place
    return Folder(project.root / Path(folder).expanduser())


@dataclass(frozen=True)
class Page:
    """GitHub's release page, or a server with the same paths."""

    url: str

    def latest(self, suffix: str) -> str:  # noqa: ARG002 the page knows
        """Ask where the page's `latest` leads.

        Raises:
            UserError: nothing answers, or it leads nowhere.
        """
        address = f"{self.url}/latest"
        self._require_reachable()
        with _explained(address):
            answer = requests.head(address, allow_redirects=True, timeout=ASK_TIMEOUT)
        places = [step.headers.get("Location", "") for step in answer.history] + [answer.url]
        for place in places:
            found = _TAG.search(urlsplit(place).path)
            if found:
                return found[1]
        raise UserError(
            f"{address} doesn't lead to a release (HTTP status {answer.status_code}).",
            "Write a version into invoke.yaml (pgtrickle: version) instead of latest.",
        )

    def sums(self, version: str) -> str:
        """Read SHA256SUMS.txt.

        Raises:
            UserError: nothing answers, or the release isn't there.
        """
        self._require_reachable()
        address = self._address(version, SUMS)
        with _explained(address):
            answer = requests.get(address, timeout=ASK_TIMEOUT)
        _require_found(answer, version)
        return answer.text

    @contextlib.contextmanager
    def download(self, version: str, name: str) -> Iterator[Download]:
        """Open a file of a release.

        Raises:
            UserError: nothing answers, it isn't there, or it breaks off.
        """
        self._require_reachable()
        address = self._address(version, name)
        with (
            _explained(address),
            requests.get(address, stream=True, timeout=LOAD_TIMEOUT) as answer,
        ):
            _require_found(answer, version)
            length = answer.headers.get("Content-Length", "")
            yield Download(answer.iter_content(CHUNK), int(length) if length.isdigit() else None)

    def _address(self, version: str, name: str) -> str:
        return f"{self.url}/download/v{version}/{name}"

    def _require_reachable(self) -> None:
        """Connect once in a thread: looking up a name has no time limit of its own."""
        proxy = requests.utils.select_proxy(self.url, requests.utils.get_environ_proxies(self.url))
        parts = urlsplit(proxy or self.url)
        port = parts.port or (80 if parts.scheme == "http" else 443)
        failures: list[str] = []

        def attempt() -> None:
            try:
                socket.create_connection((parts.hostname or "", port), CONNECT_SECONDS).close()
            except OSError as error:
                failures.append(error.strerror or str(error))
            else:
                failures.append("")

        thread = threading.Thread(target=attempt, daemon=True)
        thread.start()
        thread.join(CONNECT_SECONDS + 0.5)
        reason = failures[0] if failures else "no answer"
        if reason:
            raise UserError(f"{parts.netloc} can't be reached ({reason}).", WITHOUT_INTERNET)


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


@contextlib.contextmanager
def _explained(address: str) -> Iterator[None]:
    try:
        yield
    except requests.Timeout:
        raise UserError(f"{address} doesn't answer in time.", WITHOUT_INTERNET) from None
    except requests.exceptions.SSLError as error:
        raise UserError(
            f"{address}: the server's certificate isn't trusted: {error}",
            "Name your own authority's file in REQUESTS_CA_BUNDLE.",
        ) from None
    except requests.exceptions.ChunkedEncodingError:
        raise UserError(f"The download of {address} broke off.", "Try again.") from None
    except requests.RequestException as error:
        raise UserError(f"{address} can't be had: {error}", WITHOUT_INTERNET) from None


def _require_found(answer: requests.Response, version: str) -> None:
    if answer.status_code == requests.codes.not_found:
        raise UserError(
            f"There is no release {version} of pg_trickle, or it lacks a file: {answer.url}",
            "Correct the version in invoke.yaml (pgtrickle: version).",
        )
    if not answer.ok:
        raise UserError(
            f"{answer.url} can't be had: HTTP status {answer.status_code}.", WITHOUT_INTERNET
        )
