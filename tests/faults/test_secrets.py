"""Passwords: in no message, in no file that is left behind, with nobody else."""

from __future__ import annotations

import contextlib
import http.server
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasklib.base import env_file
from tasklib.base.errors import UserError
from tasklib.base.plain import plain
from tasklib.engines.embedded.layout import PASSWORD_FILE
from tasklib.engines.release import source
from tasklib.engines.release.page import Page
from tasklib.project.project import Project
from tests.support.certificates import authority, signed
from tests.support.postgres import ROOT
from tests.support.workspace import Workspace, workspace

PASSWORD = "p4ss:w0rd!"
# Killed while it writes, as by SIGKILL: nothing in it cleans up.
KILLED = """
import os, sys
from pathlib import Path
from tasklib.base import env_file
Path.replace = lambda *_: os._exit(9)
env_file.update(Path(sys.argv[1]), {"PGPASSWORD": "secret"})
"""


@pytest.mark.parametrize(
    "text",
    [
        f"ftp://user:{PASSWORD}@host/releases has no archive",
        f"postgresql://user:{PASSWORD}@host:5432/db?sslmode=require",
        f"Failed to parse: https://user:{PASSWORD}@host:port/latest",
        f"host=db user=me password={PASSWORD} dbname=shop",
        f"PGPASSWORD='{PASSWORD} and more' is wrong",
        f"s3+https://:{PASSWORD}@bucket",
        f"https://user:{PASSWORD}@with@sign@host/",
    ],
)
def test_no_message_shows_the_password_of_an_address(text: str) -> None:
    for shown in (plain(text), str(UserError(text, text))):
        assert "p4ss" not in shown
        assert "w0rd" not in shown
        assert "…" in shown


def test_an_example_of_a_connection_string_stays_one() -> None:
    for text in (
        "postgresql://USER:PASSWORD@HOST:5432/DATABASE",
        "host=… password=… dbname=…",
        "https://github.com/trickle-labs/pg-trickle/releases",
        "registry/image:tag@sha256:abc",
    ):
        assert plain(text) == text


@pytest.mark.parametrize(
    "address",
    ["ftp://user:p4ss@host/releases", "s3://user:p4ss@bucket", "http://user:p4ss@host:99999/x",
     "https://user:p4ss@[broken/x", "http://"],
)  # fmt: skip
def test_an_address_that_nothing_can_be_had_from_is_refused_without_its_password(
    tmp_path: Path, address: str
) -> None:
    project = Project(tmp_path, "shop", "analytics", "embedded", 5432, "latest", "shop")
    (tmp_path / ".env").write_text(f"PGTRICKLE_RELEASE_URL={address}\n")
    with pytest.raises(UserError) as raised:
        source.source(project).latest(".tar.gz")
    assert raised.value.exit_code == 2
    assert "p4ss" not in str(raised.value)


class _Page:
    """A server that notes what it is sent, and leads elsewhere."""

    def __init__(self, certificate: tuple[Path, Path] | None = None) -> None:
        self.leads = ""
        self.given: list[str] = []
        page = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                page.given.append(self.headers.get("Authorization", ""))
                self.send_response(302 if page.leads else 200)
                if page.leads:
                    self.send_header("Location", page.leads)
                self.end_headers()

            do_HEAD = do_GET  # noqa: N815 as http.server calls it

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.scheme = "https" if certificate else "http"

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server.server_port}"

    @contextlib.contextmanager
    def served(self) -> Iterator[_Page]:
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        try:
            yield self
        finally:
            self.server.shutdown()
            self.server.server_close()


@pytest.fixture
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")


@pytest.mark.usefixtures("direct")
def test_credentials_stay_with_the_server_that_they_are_for() -> None:
    with _Page().served() as mirror, _Page().served() as other:
        mirror.leads = f"http://{other.place}/tag/v1.0.0"
        assert Page(f"http://user:secret@{mirror.place}/releases").latest("") == "1.0.0"
        Page(f"http://user:secret@{mirror.place}/releases").sums("1.0.0")
        assert [bool(one) for one in mirror.given] == [True, True]
        assert other.given == ["", ""]


@pytest.mark.usefixtures("direct")
def test_a_redirect_out_of_tls_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ca = authority(tmp_path, "ours")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(ca))
    with _Page(signed(tmp_path, "localhost", ca)).served() as mirror, _Page().served() as plainly:
        mirror.leads = f"http://{plainly.place}/tag/v6.6.6"
        page = Page(f"https://localhost:{mirror.server.server_port}/releases")
        for ask in (lambda: page.latest(""), lambda: page.sums("1.0.0")):
            with pytest.raises(UserError, match="from https to http"):
                ask()
        assert plainly.given == []


@pytest.mark.usefixtures("direct")
def test_a_page_without_end_is_no_list_of_checksums(monkeypatch: pytest.MonkeyPatch) -> None:
    class Endless(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(OSError):
                while True:
                    self.wfile.write(b"0" * 65536)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endless)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with pytest.raises(UserError, match="larger than"):
            Page(f"http://127.0.0.1:{server.server_port}/releases").sums("1.0.0")
    finally:
        server.shutdown()
        server.server_close()


def test_what_a_killed_write_of_env_left_is_ignored_by_git_and_goes_with_the_next(
    tmp_path: Path,
) -> None:
    (tmp_path / ".gitignore").write_text((ROOT / "template" / ".gitignore").read_text())
    env = tmp_path / ".env"
    killed = subprocess.run([sys.executable, "-c", KILLED, str(env)], cwd=ROOT, check=False)
    assert killed.returncode == 9
    (left,) = tmp_path.glob(".env.*")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    ignored = subprocess.run(["git", "check-ignore", "-q", left.name], cwd=tmp_path, check=False)
    assert ignored.returncode == 0
    env_file.update(env, {"PGPORT": "1"})
    assert [path.name for path in tmp_path.glob(".env*")] == [".env"]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Workspace]:
    with workspace(tmp_path / "shop", settings={"engine": "embedded"}) as made:
        yield made


@pytest.mark.parametrize("task", [("up",), ("down",)])
def test_the_password_file_of_a_killed_up_goes_with_the_next_call(
    project: Workspace, task: tuple[str, ...]
) -> None:
    project.invoke("up")
    data = (project.state / "data").resolve()
    left = data.parent / f"{PASSWORD_FILE}abc123"
    left.write_text("secret")
    project.invoke(*task)
    assert not left.exists()
