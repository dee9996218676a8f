"""GitHub's release page, or a mirror of it."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import requests

from tasklib.base.errors import UserError
from tasklib.engines.release.place import CHUNK, SUMS, WITHOUT_INTERNET, Download

# Short, since `auto` has something else to offer where there is no internet.
CONNECT_SECONDS = 2.0
# Seconds to connect and to wait for the next piece.
ASK_TIMEOUT = (5.0, 8.0)
LOAD_TIMEOUT = (10.0, 30.0)
# SHA256SUMS.txt has some lines
MOST_TEXT, TEXT_SECONDS = 2**20, 30.0
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
            answer = _session().head(address, allow_redirects=True, timeout=ASK_TIMEOUT)
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
        with (
            _explained(address),
            _session().get(address, stream=True, timeout=ASK_TIMEOUT) as answer,
        ):
            _require_found(answer, version)
            return _text(answer, address)

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
            _session().get(address, stream=True, timeout=LOAD_TIMEOUT) as answer,
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


class _Session(requests.Session):
    """One that follows a redirect neither out of TLS nor with credentials to another server."""

    def rebuild_auth(
        self, prepared_request: requests.PreparedRequest, response: requests.Response
    ) -> None:
        """Look at where a redirect leads before it is followed."""
        former, next_ = urlsplit(response.url), urlsplit(prepared_request.url or "")
        if former.scheme == "https" and next_.scheme != "https":
            raise _OutOfTlsError
        if (former.scheme, former.netloc.rpartition("@")[2]) != (next_.scheme, next_.netloc):
            prepared_request.headers.pop("Authorization", None)
            return
        super().rebuild_auth(prepared_request, response)  # type: ignore[no-untyped-call]


class _OutOfTlsError(requests.RequestException):
    """A redirect from https to http."""


def _session() -> requests.Session:
    return _Session()


def _text(answer: requests.Response, address: str) -> str:
    """A text of an ordinary size that comes in an ordinary time."""
    begun, content = time.monotonic(), b""
    for piece in answer.iter_content(CHUNK):
        content += piece
        if len(content) > MOST_TEXT:
            raise UserError(
                f"{_shown(address)} is larger than {MOST_TEXT // 2**20} MB.",
                "That is no such file; look at what answers there.",
            )
        if time.monotonic() - begun > TEXT_SECONDS:
            raise UserError(f"{_shown(address)} doesn't come to an end.", WITHOUT_INTERNET)
    return content.decode("utf-8", errors="replace")


def _shown(address: str) -> str:
    """The address without the name and password that a mirror's may have."""
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


@contextlib.contextmanager
def _explained(address: str) -> Iterator[None]:
    address = _shown(address)
    try:
        yield
    except _OutOfTlsError:
        raise UserError(
            f"{address} leads from https to http, where anybody in between could change it.",
            "Name a mirror that stays with https; or a folder.",
        ) from None
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
