"""Showing log files: their last lines, and new ones as they arrive."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from tasklib.base.plain import plain

POLL_SECONDS = 0.2


def last_lines(text: str, count: int) -> str:
    """The last lines of a text."""
    return "\n".join(text.rstrip("\n").splitlines()[-count:])


def show(logs: Mapping[str, Path], *, lines: int, follow: bool, out: TextIO = sys.stdout) -> None:
    """Print the last lines of each log, marked with its name; then, on request, what follows.

    Args:
        logs: files by name; one that doesn't exist yet counts as empty.
        lines: how many lines of each to begin with.
        follow: go on until Ctrl-C.
        out: where to print.
    """
    tails = [_Tail(name, path, max(map(len, logs))) for name, path in logs.items()]
    for tail in tails:
        tail.show_last(lines, out)
    try:
        while follow:
            for tail in tails:
                tail.show_new(out)
            time.sleep(POLL_SECONDS)
    except KeyboardInterrupt:
        pass


class _Tail:
    def __init__(self, name: str, path: Path, width: int) -> None:
        self._path = path
        self._mark = f"{name:{width}} | "
        self._position = 0
        self._rest = ""

    def show_last(self, count: int, out: TextIO) -> None:
        complete = self._read()
        if count > 0:
            self._print(complete[-count:], out)

    def show_new(self, out: TextIO) -> None:
        self._print(self._read(), out)

    def _print(self, lines: list[str], out: TextIO) -> None:
        for line in lines:
            print(self._mark + plain(line), file=out)
        out.flush()

    def _read(self) -> list[str]:
        try:
            with self._path.open("rb") as stream:
                if os.fstat(stream.fileno()).st_size < self._position:
                    self._position, self._rest = 0, ""
                stream.seek(self._position)
                new = stream.read()
                self._position = stream.tell()
        except FileNotFoundError:
            return []
        *complete, self._rest = (self._rest + new.decode("utf-8", "replace")).split("\n")
        return complete
