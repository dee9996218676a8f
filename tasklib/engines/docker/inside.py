"""Running a program inside a container, in the user's own terminal."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

import docker
from docker.models.containers import Container
from docker.utils.socket import STDERR, frames_iter

POLL_SECONDS = 0.02
INTERRUPTED = 130
# Docker's SDK may lose what a program says before we listen; this one waits for a line from us.
GATE = ["/bin/sh", "-c", 'read -r _; exec "$@"', "sh"]


def has(container: Container, program: str) -> bool:
    """Whether a running container has a program."""
    return bool(container.exec_run(["/bin/sh", "-c", f"command -v {program}"]).exit_code == 0)


def run(
    client: docker.DockerClient,
    container: Container,
    command: Sequence[str],
    environment: Mapping[str, str],
) -> int:
    """Run a program with this process's input and output; give its exit status.

    Args:
        client: Docker.
        container: a running container.
        command: the program and its arguments.
        environment: further variables for it; unlike arguments they show nowhere.
    """
    api = client.api
    on_terminal = os.name == "posix" and sys.stdin.isatty() and sys.stdout.isatty()
    made = api.exec_create(
        container.id, [*command] if on_terminal else [*GATE, *command],
        stdin=True, tty=on_terminal, environment=dict(environment),
    )  # fmt: skip
    stream = api.exec_start(made["Id"], tty=on_terminal, socket=True)
    wire: socket.socket = getattr(stream, "_sock", stream)  # type: ignore[arg-type]
    if not on_terminal:
        wire.sendall(b"\n")

    def resize(*_: object) -> None:
        size = shutil.get_terminal_size()
        api.exec_resize(made["Id"], height=size.lines, width=size.columns)

    threading.Thread(target=_send, args=(wire,), daemon=True).start()
    try:
        with _raw(resize) if on_terminal else contextlib.nullcontext():
            for kind, data in frames_iter(stream, on_terminal):  # type: ignore[no-untyped-call]
                out = sys.stderr.buffer if kind == STDERR else sys.stdout.buffer
                out.write(data)
                out.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        stream.close()
    while (state := api.exec_inspect(made["Id"]))["Running"]:
        time.sleep(POLL_SECONDS)
    return int(state["ExitCode"] or 0)


def _send(wire: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := os.read(sys.stdin.fileno(), 2**16):
            wire.sendall(data)
        wire.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def _raw(resize: Callable[..., None]) -> Iterator[None]:
    """Hand each key over as it is pressed, Ctrl-C too, and follow the window's size."""
    import termios  # noqa: PLC0415 not on every system
    import tty  # noqa: PLC0415 not on every system

    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    former = signal.signal(signal.SIGWINCH, resize)
    try:
        tty.setraw(terminal)
        resize()
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
        signal.signal(signal.SIGWINCH, former)
