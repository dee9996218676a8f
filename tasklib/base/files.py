"""Problems of the file system, told as what they are."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from tasklib.base.errors import UserError

NO_SPACE_REMEDY = "Make room on that disk, then run `invoke up` again."


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn an OSError inside the block into a UserError about the path.

    Raises:
        UserError: no permission, a read-only or full disk, or another OSError.
    """
    try:
        yield
    except OSError as error:
        subject = Path(os.fsdecode(error.filename)) if error.filename else path
        raise _explanation(error, subject) from None


def write_whole(path: Path, text: str) -> None:
    """Write a file that is there whole or as it was, whatever happens meanwhile.

    Raises:
        OSError: it can't be written.
    """
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def nearest_existing(path: Path) -> Path:
    """The path itself, or the first folder above it that exists."""
    return next(candidate for candidate in (path, *path.parents) if os.path.lexists(candidate))


def require_space(folder: Path, megabytes: int) -> None:
    """Check that a folder's disk has room.

    Raises:
        UserError: it has less.
    """
    free = shutil.disk_usage(nearest_existing(folder)).free // 2**20
    if free < megabytes:
        raise UserError(
            f"The disk of {folder} has {free} MB left; a database needs {megabytes} MB.",
            NO_SPACE_REMEDY,
        )


def owner(path: Path) -> str:
    """The name of the account that a path belongs to."""
    try:
        return path.owner()
    except (KeyError, OSError, NotImplementedError):
        return "another account"


def _explanation(error: OSError, path: Path) -> UserError:
    if error.errno in (errno.EACCES, errno.EPERM):
        where = nearest_existing(path) if os.access(path.parent, os.X_OK) else path.parent
        return UserError(
            f"No permission for {path}: {where} belongs to {owner(where)}.",
            "Run this as that account, or give yours write permission on it.",
        )
    if error.errno == errno.EROFS:
        return UserError(
            f"{path} is on a disk that is mounted read-only.", "Move the project to another disk."
        )
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return UserError(f"No space left on the disk of {path}.", NO_SPACE_REMEDY)
    return UserError(f"{path}: {error.strerror}.", "Look at that path, then try again.")
