"""Reading and writing .env, the one file with secrets."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values

from tasklib import files
from tasklib.errors import UserError

PRIVATE = 0o600
_ASSIGNMENT = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=")
_PLAIN = re.compile(r"[A-Za-z0-9_.:/@+-]*")


def read(path: Path) -> dict[str, str]:
    """Read the variables of a file; there are none if it doesn't exist.

    Raises:
        UserError: this account may not read it, or it is not text.
    """
    try:
        with path.open(encoding="utf-8") as stream:
            values = dotenv_values(stream=stream, interpolate=False)
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"{path} can't be read: {error}.",
            "Make it a text file that your account may read.",
            2,
        ) from None
    return {key: value for key, value in values.items() if value is not None}


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
    current = read(path)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    missing = dict(values)
    result = []
    for line in lines:
        match = _ASSIGNMENT.match(line)
        name = match.group(1) if match else ""
        if name not in values:
            result.append(line)
        elif name in missing:
            value = missing.pop(name)
            result.append(line if current.get(name) == value else _assignment(name, value))
    result += [_assignment(name, value) for name, value in missing.items()]
    if path.exists() and result == lines and path.stat().st_mode & 0o777 == PRIVATE:
        return
    with files.explained(path):
        _replace(path, "\n".join(result) + "\n")


def _assignment(name: str, value: str) -> str:
    if _PLAIN.fullmatch(value):
        return f"{name}={value}"
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"{name}='{escaped}'"


def _replace(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(prefix=".env.", dir=path.parent)
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
