"""GitHub's release page, or a mirror of it."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests

from tasklib.engines.source import CHUNK, SUMS, WITHOUT_INTERNET, Download
from tasklib.errors import UserError

# Short, since `auto` has something else to offer where there is no internet.
CONNECT_SECONDS = 2.0
# Seconds to connect and to wait for the next piece.
ASK_TIMEOUT = (5.0, 8.0)
LOAD_TIMEOUT = (10.0, 30.0)
_TAG = re.compile(r"/tag/v?([0-9][0-9A-Za-z.+-]*)/?$")


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
            f"{_shown(address)} doesn't lead to a release (HTTP status {answer.status_code}).",
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
            raise UserError(
                f"{parts.hostname}:{port} can't be reached ({reason}).", WITHOUT_INTERNET
            )


def _shown(address: str) -> str:
    """The address without the name and password that a mirror's may have."""
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


@contextlib.contextmanager
def _explained(address: str) -> Iterator[None]:
    address = _shown(address)
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
            f"There is no release {version} of pg_trickle, or it lacks a file: "
            f"{_shown(answer.url)}",
            "Correct the version in invoke.yaml (pgtrickle: version).",
        )
    if not answer.ok:
        raise UserError(
            f"{_shown(answer.url)} can't be had: HTTP status {answer.status_code}.",
            WITHOUT_INTERNET,
        )
