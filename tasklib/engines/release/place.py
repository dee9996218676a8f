"""What a place with pg_trickle's release archives gives, wherever it is."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

VARIABLE = "PGTRICKLE_RELEASE_URL"
SUMS = "SHA256SUMS.txt"
CHUNK = 2**18
WITHOUT_INTERNET = (
    "Check the network. Without internet, name a downloaded archive in invoke.yaml "
    f"(pgtrickle: archive), or a mirror or a folder in {VARIABLE}; "
    "or use the stand-in (pgtrickle: extension: pg_trickle_lite)."
)


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
