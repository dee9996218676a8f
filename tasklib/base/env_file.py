"""Reading and writing .env, the one file with secrets."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from dotenv.parser import Binding, parse_stream

from tasklib.base import files
from tasklib.base.errors import UserError

PRIVATE = 0o600
# how the name begins of what becomes .env once it is whole; git ignores it
UNFINISHED = ".env.new."
_PLAIN = re.compile(r"[A-Za-z0-9_.:/@+-]*")


def read(path: Path) -> dict[str, str]:
    """Read the variables of a file; there are none if it doesn't exist.

    Raises:
        UserError: this account may not read it, it is not text, or a line is no assignment.
    """
    return {one.key: one.value for one in _bindings(path) if one.key and one.value is not None}


def _bindings(path: Path) -> list[Binding]:
    """What stands in a file, piece by piece: together they are its text."""
    try:
        with path.open(encoding="utf-8") as stream:
            bindings = list(parse_stream(stream))
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"{path} can't be read: {error}.",
            "Make it a text file that your account may read.",
            2,
        ) from None
    for broken in (one for one in bindings if one.error):
        text = broken.original.string
        above = text[: len(text) - len(text.lstrip())].count("\n")
        raise UserError(
            f"{path}, line {broken.original.line + above}: that is no NAME=VALUE.",
            "Correct the line, or begin it with # to leave it out.",
            2,
        )
    return bindings


def differs(path: Path, values: Mapping[str, str]) -> bool:
    """Whether a file lacks one of these variables, or has another value for it.

    Raises:
        UserError: this account may not read it, or it is not text.
    """
    current = read(path)
    return any(current.get(name) != value for name, value in values.items())


def update(path: Path, values: Mapping[str, str]) -> None:
    """Set variables, in place where they stand already; every other line stays as it is.

    The file appears whole or not at all, readable by its owner only.

    Raises:
        UserError: this account may not write there.
    """
    bindings = _bindings(path)
    # the last one counts where a name stands twice
    last = {one.key: number for number, one in enumerate(bindings)}
    pieces = [
        _updated(one, values)
        for number, one in enumerate(bindings)
        if one.key not in values or last[one.key] == number
    ]
    text = "".join(pieces)
    missing = [_assignment(name, value) for name, value in values.items() if name not in last]
    if missing:
        text += "\n" if text and not text.endswith("\n") else ""
        text += "".join(f"{line}\n" for line in missing)
    unchanged = path.exists() and text == "".join(one.original.string for one in bindings)
    if unchanged and path.stat().st_mode & 0o777 == PRIVATE:
        return
    with files.explained(path):
        _replace(path, text)


def _updated(binding: Binding, values: Mapping[str, str]) -> str:
    text = binding.original.string
    value = values.get(binding.key or "")
    if value is None or binding.value == value:
        return text
    before = text[: len(text) - len(text.lstrip())]
    return f"{before}{_assignment(str(binding.key), value)}\n"


def _assignment(name: str, value: str) -> str:
    if _PLAIN.fullmatch(value):
        return f"{name}={value}"
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"{name}='{escaped}'"


def _replace(path: Path, text: str) -> None:
    # what a killed process left behind, with secrets
    for left in path.parent.glob(f"{UNFINISHED}*"):
        left.unlink(missing_ok=True)
    handle, name = tempfile.mkstemp(prefix=UNFINISHED, dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        if path.exists() and hasattr(os, "chown"):
            with contextlib.suppress(PermissionError):
                os.chown(temporary, path.stat().st_uid, path.stat().st_gid)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
