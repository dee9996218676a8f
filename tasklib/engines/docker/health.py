"""Waiting until the database in a container answers, and telling why it doesn't."""

from __future__ import annotations

import time
from collections.abc import Mapping

from docker.models.containers import Container

from tasklib.base.errors import UserError
from tasklib.base.logs import last_lines
from tasklib.catalog.database import NotAdmittedError, PasswordRefusedError, connect
from tasklib.engines.docker import daemon
from tasklib.engines.server import provision

POLL_SECONDS = 0.1
LOG_LINES = 10
OTHER_DATA = ("incompatible with server", "initialized by PostgreSQL", "unused mount/volume")


def wait(
    container: Container, connection: Mapping[str, str], variable: str, seconds: float
) -> None:
    """Ask over TCP for the extension: on its socket an image answers while it still initialises.

    Args:
        container: a container that was started.
        connection: the PG* variables of the database to ask.
        variable: of .env, which has the password.
        seconds: how long it may take.

    Raises:
        UserError: it ended, it doesn't answer in time, or it has no such extension.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            with connect(connection) as opened:
                provision.available_extension(opened)
            return
        except UserError as error:
            container.reload()
            if container.status != "running":
                raise _ended(container) from None
            if isinstance(error, PasswordRefusedError):
                raise UserError(
                    "The server refuses the password in .env.",
                    f"Put the right one back; or delete the line {variable} and run `invoke up`, "
                    "which knows it from the container.",
                    2,
                ) from None
            if isinstance(error, provision.NoExtensionError | NotAdmittedError):
                raise
            if time.monotonic() > deadline:
                raise UserError(
                    f"The container {container.name} runs, but its database doesn't answer after "
                    f"{seconds:g} s: {error.cause}\n{_log(container)}",
                    "Mend what the log tells; or give it more time in invoke.yaml "
                    "(docker: start_seconds).",
                ) from None
        time.sleep(POLL_SECONDS)


def _ended(container: Container) -> UserError:
    log = _log(container)
    if any(text in log for text in OTHER_DATA):
        return UserError(
            "The volume holds data of another version of PostgreSQL, or in another place.\n" + log,
            "Dump them with the image that made them if you need them; then "
            "`invoke down --volumes` deletes them and `invoke up` begins anew.",
        )
    if "no space left on device" in log.lower():
        return daemon.no_space(log)
    if container.attrs["State"].get("OOMKilled"):
        return UserError(
            f"The container {container.name} ran out of memory.\n{log}",
            "Allow more in invoke.yaml (docker: memory), then run `invoke up` again.",
        )
    return UserError(
        f"The container {container.name} ended "
        f"(exit status {container.attrs['State'].get('ExitCode')}).\n{log}",
        "Mend that, then run `invoke up` again.",
    )


def _log(container: Container) -> str:
    text = container.logs(tail=LOG_LINES).decode(errors="replace")
    return f"The end of its log:\n{last_lines(text, LOG_LINES)}"
