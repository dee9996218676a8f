"""A registry on loopback: Docker's daemon pulls from it over plain HTTP."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import io
import json
import os
import tarfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import docker

NAME = "trickle-test/pg_trickle"
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = "application/vnd.docker.container.image.v1+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
PIECE = 2**16


def digest(content: bytes) -> str:
    """A content's name in a registry."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@dataclass
class Registry:
    """What it serves, and how.

    Attributes:
        port: where it listens, on 127.0.0.1.
        blobs: contents by digest; a manifest is one of them.
        tags: a manifest's digest by tag.
        asked: every path that was asked for.
        bytes_per_second: how fast a blob is sent; 0 for as fast as it can be.
        sent: how many bytes it has sent.
    """

    port: int = 0
    blobs: dict[str, bytes] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    bytes_per_second: int = 0
    sent: int = 0

    @property
    def repository(self) -> str:
        """The image's name, without a tag."""
        return f"127.0.0.1:{self.port}/{NAME}"

    def add(self, content: bytes) -> dict[str, Any]:
        """Store a blob; give what a manifest says about it."""
        self.blobs[digest(content)] = content
        return {"size": len(content), "digest": digest(content)}

    def publish(self, client: docker.DockerClient, image: str, tag: str, ballast: int = 0) -> str:
        """Serve an image of the daemon; give the manifest's digest.

        Args:
            client: the daemon that has the image.
            image: its name there.
            tag: what to serve it as; a tag that was served moves, since each is another image.
            ballast: bytes of a further layer that no daemon has yet.
        """
        saved = io.BytesIO(b"".join(client.images.get(image).save()))
        with tarfile.open(fileobj=saved) as tar:

            def read(name: str) -> bytes:
                content = tar.extractfile(name)
                assert content is not None
                return content.read()

            [described] = json.loads(read("manifest.json"))
            config = json.loads(read(described["Config"]))
            config["config"]["Labels"] = {"test": f"{tag} {len(self.blobs)}"}
            layers = [read(layer) for layer in described["Layers"]]
        if ballast:
            layers.append(_ballast(ballast))
            config["rootfs"]["diff_ids"].append(digest(layers[-1]))
            config["history"].append({"created_by": "ballast"})
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": CONFIG, **self.add(json.dumps(config).encode())},
            "layers": [
                {"mediaType": LAYER, **self.add(gzip.compress(layer, 1, mtime=0))}
                for layer in layers
            ],
        }
        found = str(self.add(json.dumps(manifest).encode())["digest"])
        self.tags[tag] = found
        return found


def _ballast(size: int) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        member = tarfile.TarInfo("ballast")
        member.size = size
        tar.addfile(member, io.BytesIO(os.urandom(size)))
    return stream.getvalue()


@contextlib.contextmanager
def running_registry() -> Iterator[Registry]:
    """An empty registry."""
    registry = Registry()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def do_GET(self) -> None:
            self._answer(with_body=True)

        def log_message(self, *_: object) -> None:
            pass

        def _answer(self, *, with_body: bool) -> None:
            registry.asked.append(self.path)
            kind, _, reference = self.path.removeprefix(f"/v2/{NAME}/").partition("/")
            if self.path == "/v2/":
                self._send(200, b"{}", "application/json", with_body=with_body)
                return
            name = registry.tags.get(reference, reference)
            if not self.path.startswith(f"/v2/{NAME}/") or name not in registry.blobs:
                missing = {"errors": [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]}
                body = json.dumps(missing).encode()
                self._send(404, body, "application/json", with_body=with_body)
                return
            media = MANIFEST if kind == "manifests" else "application/octet-stream"
            self._send(200, registry.blobs[name], media, with_body=with_body)

        def _send(self, status: int, body: bytes, media: str, *, with_body: bool) -> None:
            self.send_response(status)
            self.send_header("Content-Type", media)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Docker-Content-Digest", digest(body))
            self.end_headers()
            for start in range(0, len(body) if with_body else 0, PIECE):
                with contextlib.suppress(OSError):
                    self.wfile.write(body[start : start + PIECE])
                    registry.sent += PIECE
                if registry.bytes_per_second:
                    time.sleep(PIECE / registry.bytes_per_second)

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A reader that went away is no error."""

    with Server(("127.0.0.1", 0), Handler) as server:
        registry.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield registry
        finally:
            server.shutdown()
