"""TLS in front of a server of the tests: the wheel's PostgreSQL is built without."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.support.postgres import Server

# What a client sends to ask for TLS: its length, and a number.
_REQUEST = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")


@contextlib.contextmanager
def tls(server: Server, certificate: Path, key: Path) -> Iterator[int]:
    """Take connections with TLS only and pass them on to a server; gives the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener, context, server), daemon=True).start()
        yield int(listener.getsockname()[1])


def _accept(listener: socket.socket, context: ssl.SSLContext, server: Server) -> None:
    with contextlib.suppress(OSError):
        while True:
            plain, _ = listener.accept()
            threading.Thread(target=_serve, args=(plain, context, server), daemon=True).start()


def _serve(plain: socket.socket, context: ssl.SSLContext, server: Server) -> None:
    with plain, contextlib.suppress(OSError):
        if plain.recv(len(_REQUEST)) != _REQUEST:
            return
        plain.sendall(b"S")
        address = (server.params["host"], int(server.params["port"]))
        with (
            context.wrap_socket(plain, server_side=True) as client,
            socket.create_connection(address) as behind,
        ):
            back = threading.Thread(target=_copy, args=(behind, client), daemon=True)
            back.start()
            _copy(client, behind)
            back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
