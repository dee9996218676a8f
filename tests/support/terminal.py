"""The other side of a pseudo terminal."""

from __future__ import annotations

import os
import select
import time

SECONDS = 20


def shown_until(terminal: int, text: str) -> str:
    """What a terminal shows up to and with a text; fails the test if it doesn't come."""
    seen, deadline = "", time.monotonic() + SECONDS
    while text not in seen:
        assert time.monotonic() < deadline, seen
        if select.select([terminal], [], [], 0.2)[0]:
            seen += os.read(terminal, 4096).decode(errors="replace")
    return seen


def shown_until_end(terminal: int) -> str:
    """All that a terminal shows until nobody has it open any more."""
    seen = b""
    try:
        while data := os.read(terminal, 4096):
            seen += data
    except OSError:
        pass  # Linux says so at the end
    return seen.decode(errors="replace")
