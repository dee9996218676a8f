"""Whether a TCP port of this machine is free, and whose it is if not."""

from __future__ import annotations

import errno
import socket

import psutil

from tasklib.base.errors import UserError

HOST = "127.0.0.1"


def require_free(port: int) -> None:
    """Check that a server may listen on a loopback port.

    Raises:
        UserError: somebody listens there already, or the system forbids it.
    """
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
    except OSError as error:
        if error.errno == errno.EACCES:
            raise UserError(
                f"The system doesn't let this account use port {port}.",
                "Set a port above 1023 in invoke.yaml (pgtrickle: port).",
            ) from None
        if error.errno != errno.EADDRINUSE:
            raise
        raise taken(port, user_of(port)) from None


def taken(port: int, user: str) -> UserError:
    """The error for a port that somebody uses."""
    return UserError(
        f"Port {port} is in use by {user}.",
        f"Stop that, or set another port in invoke.yaml (pgtrickle: port), such as {_free()}.",
    )


def user_of(port: int) -> str:
    """Tell which program listens on a port, as far as this account may see."""
    try:
        for connection in psutil.net_connections(kind="tcp"):
            listens = connection.status == psutil.CONN_LISTEN
            if listens and connection.laddr and connection.laddr.port == port and connection.pid:
                return _describe(psutil.Process(connection.pid))
    except psutil.Error:
        pass
    return "another program"


def _describe(process: psutil.Process) -> str:
    text = f"{process.name()} (pid {process.pid}"
    try:
        return f"{text}, in {process.cwd()})"
    except psutil.Error:
        return f"{text})"


def _free() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
