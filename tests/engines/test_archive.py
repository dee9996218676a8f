"""Unpacking what the other tests' archives, made for this machine, don't have: zip, and sizes."""

from __future__ import annotations

import stat
import tarfile
import zipfile
from pathlib import Path

import pytest

from tasklib.base.errors import UserError
from tasklib.engines.release import archive
from tests.support.release import make_archive

RELEASE = {"top/extension/pg_trickle.control": "control", "top/lib/pg_trickle.dll": "library"}


def zipped(folder: Path, texts: dict[str, str], link: str = "") -> Path:
    file = folder / "pg_trickle.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in texts.items():
            packed.writestr(name, text)
        if link:
            info = zipfile.ZipInfo(link)
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            packed.writestr(info, "/etc/passwd")
    return file


def test_a_zip_is_unpacked_like_a_tar(tmp_path: Path) -> None:
    unpacked = archive.unpack(zipped(tmp_path, RELEASE), tmp_path / "new")
    assert unpacked == tmp_path / "new" / "top"
    assert (unpacked / "lib" / "pg_trickle.dll").read_text() == "library"


@pytest.mark.parametrize("name", ["../evil", "/evil", "top/../../evil", "C:/evil", "top\\..\\evil"])
def test_a_zip_writes_nothing_outside_of_its_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="outside of its folder"):
        archive.unpack(zipped(tmp_path, RELEASE | {name: ""}), tmp_path / "a" / "new")
    assert not list(tmp_path.rglob("*evil*"))


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="a link or a device"):
        archive.unpack(zipped(tmp_path, RELEASE, link="top/lib/link"), tmp_path / "new")


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_more_than_a_release_can_be_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    file = zipped(tmp_path, RELEASE)
    if kind == "tar":
        file = tmp_path / "pg_trickle.tar.gz"
        file.write_bytes(make_archive("0.67.9001"))
    monkeypatch.setattr(archive, "MOST_BYTES", 10)
    with pytest.raises(UserError, match="holds more than"):
        archive.unpack(file, tmp_path / "new")


def test_an_archive_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no lib/ or no extension/"):
        archive.unpack(zipped(tmp_path, {"top/README.md": ""}), tmp_path / "new")


@pytest.mark.parametrize("kind", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_a_header_of_millions_of_bytes_is_not_read(tmp_path: Path, kind: int) -> None:
    path = tmp_path / "long.tar.gz"
    with tarfile.open(path, "w:gz", format=kind) as made:
        info = tarfile.TarInfo("x" * (1 if kind == tarfile.PAX_FORMAT else 3_000_000))
        if kind == tarfile.PAX_FORMAT:
            info.pax_headers = {"comment": "x" * 3_000_000}
        made.addfile(info)
    with pytest.raises(UserError, match="a header is too long"):
        archive.unpack(path, tmp_path / "out")
