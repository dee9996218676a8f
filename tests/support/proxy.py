"""A daemon that goes away: a socket before the machine's own that is cut at a chosen request."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

DOCKER_SOCKET = "/var/run/docker.sock"
# so that the daemon has done what it was asked for, and only its answer is lost
HEARD_SECONDS = 0.3


class Proxy:
    """Passes everything on, until a request has a certain text in it."""

    def __init__(self, path: Path, cut_at: str) -> None:
        self.address = f"unix://{path}"
        self.was_cut = False
        self._cut_at = cut_at.encode()
        self._open: list[socket.socket] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._open.append(self._listener)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """End every connection, and take no more."""
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client = self._listener.accept()[0]
                daemon = socket.socket(socket.AF_UNIX)
                daemon.connect(DOCKER_SOCKET)
                self._open += [client, daemon]
                for source, target in ((client, daemon), (daemon, client)):
                    threading.Thread(target=self._pump, args=(source, target), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(2**16):
                # answers have no method
                asked = data[:4] in (b"POST", b"PUT ") and self._cut_at in data.splitlines()[0]
                self.was_cut = self.was_cut or asked
                if asked or not self.was_cut:
                    target.sendall(data)
                if asked:
                    time.sleep(HEARD_SECONDS)
                    self.close()
            target.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def leaving_daemon(folder: Path, cut_at: str) -> Iterator[Proxy]:
    """The machine's Docker until it has been asked for something.

    Args:
        folder: where the socket is.
        cut_at: a part of that request's path.
    """
    path = folder / "docker.sock"
    proxy = Proxy(path, cut_at)
    try:
        yield proxy
    finally:
        proxy.close()
        path.unlink()
