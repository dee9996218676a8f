"""Unpacking a release archive: nothing outside of its folder, no links, no devices."""

from __future__ import annotations

import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from tasklib.base import files
from tasklib.base.errors import UserError

# The largest archive so far holds some 60 MB.
MOST_BYTES = 2**30
MOST_FILES = 10_000
MOST_HEADER = 2**20
# a zip that is encrypted, or packed in a way that Python doesn't know
_UNKNOWN = (RuntimeError, NotImplementedError)
_BROKEN = (tarfile.TarError, zipfile.BadZipFile, EOFError, zlib.error, ValueError, *_UNKNOWN)

Member = tuple[str, int, bool, IO[bytes] | None]


def unpack(archive: Path, target: Path) -> Path:
    """Unpack a .tar.gz or a .zip into a new folder; give the folder that has lib/ and extension/.

    Args:
        archive: the file.
        target: the folder to make.

    Raises:
        UserError: the archive is broken, is no release, or would write what it must not; or no
            space.
    """
    room = MOST_BYTES
    with files.explained(target), _readable(archive):
        target.mkdir(parents=True)
        for count, (name, size, is_folder, content) in enumerate(_members(archive)):
            path = target / _inside(name, archive)
            room -= size
            if room < 0 or count >= MOST_FILES:
                raise _refused(archive, f"holds more than {MOST_BYTES // 2**20} MB")
            if is_folder:
                path.mkdir(parents=True, exist_ok=True)
            elif content is None:
                raise _refused(archive, f"holds a link or a device: {name}")
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("xb") as stream:
                    shutil.copyfileobj(content, stream)
    for folder in (target, *target.iterdir()):
        if (folder / "extension" / "pg_trickle.control").is_file() and (folder / "lib").is_dir():
            return folder
    raise _refused(archive, "has no lib/ or no extension/pg_trickle.control")


def _members(archive: Path) -> Iterator[Member]:
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as opened:
            for info in opened.infolist():
                # The upper half of these is the Unix mode; a link there has its own type.
                link = (info.external_attr >> 28) == 0o12
                with opened.open(info) as stream:
                    yield info.filename, info.file_size, info.is_dir(), None if link else stream
        return
    with tarfile.open(archive, "r:gz", tarinfo=_Header) as tar:
        for member in tar:
            # Not extractfile() for a link: that would follow it.
            content = tar.extractfile(member) if member.isreg() else None
            yield member.name, member.size, member.isdir(), content


class _Header(tarfile.TarInfo):
    """A header of an ordinary size: tarfile reads what one announces, whatever it is."""

    def _proc_member(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type not in tarfile.REGULAR_TYPES and self.size > MOST_HEADER:
            raise tarfile.HeaderError("a header is too long")
        return super()._proc_member(tar)  # type: ignore[misc, no-any-return]


def _inside(name: str, archive: Path) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or "\0" in name:
        raise _refused(archive, f"would write outside of its folder: {name}")
    return path


@contextmanager
def _readable(archive: Path) -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise _refused(archive, f"is broken ({error})") from None


def _refused(archive: Path, why: str) -> UserError:
    return UserError(
        f"The archive {archive.name} {why}.", "Don't use it; get pg_trickle's own release archive."
    )
