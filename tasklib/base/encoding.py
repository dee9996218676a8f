"""Output in any encoding: what it lacks is shown by something near, and never stops a task."""

from __future__ import annotations

import codecs
import io
import sys
import unicodedata

HANDLER = "nearest"
# each takes one column, as what it stands for
NEAREST = dict(zip("✓✗→…–—▁▂▃▄▅▆▇█", "+x>.--_.-:=+*#", strict=True))  # noqa: RUF001


def fit_output() -> None:
    """Let standard output and standard error take every character."""
    codecs.register_error(HANDLER, _nearest)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=HANDLER)


def is_unicode() -> bool:
    """Whether standard output takes every character as it is."""
    return (sys.stdout.encoding or "").lower().startswith("utf")


def _nearest(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    characters = error.object[error.start : error.end]
    return "".join(map(_one, characters)), error.end


def _one(character: str) -> str:
    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return NEAREST.get(character) or plain or "?"
