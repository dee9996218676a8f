"""The docker engine: not part of this version; `auto` says so and moves on."""

from __future__ import annotations


def obstacle() -> str | None:
    """Why Docker can't be used, in words for the user; None if it can."""
    return "this version has no engine docker and loads no official release"
