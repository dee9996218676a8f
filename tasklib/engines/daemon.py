"""The way to Docker's daemon, and its errors told as what they are."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import docker
import requests
from docker.errors import APIError, DockerException

from tasklib.engines import port
from tasklib.errors import UserError
from tasklib.files import NO_SPACE_REMEDY

OTHERWISE = "or use `invoke up --engine embedded`."


def connect() -> docker.DockerClient:
    """Connect to the daemon that DOCKER_HOST names, or the machine's own.

    Raises:
        UserError: none answers, or this account may not use it.
    """
    try:
        client = docker.from_env()
        client.ping()
    except (DockerException, requests.RequestException) as error:
        if "Permission denied" in str(error):
            raise UserError(
                "This account may not use Docker: no permission on the daemon's socket.",
                f"Have it added to the group docker and log in again; {OTHERWISE}",
            ) from None
        raise UserError(
            "No Docker daemon answers.", f"Install and start Docker; {OTHERWISE}"
        ) from None
    return client


@contextlib.contextmanager
def explained(used_port: int) -> Iterator[None]:
    """Turn the daemon's errors inside the block into a UserError.

    Raises:
        UserError: port taken, disk full, daemon gone, or another refusal.
    """
    try:
        yield
    except APIError as error:
        text = str(error.explanation or error)
        if "port is already allocated" in text or "address already in use" in text:
            raise UserError(
                f"Port {used_port} is in use by {port.user_of(used_port)}.",
                "Stop that, or set another port in invoke.yaml (pgtrickle: port).",
            ) from None
        if "no space left on device" in text:
            raise UserError("No space left on Docker's disk.", NO_SPACE_REMEDY) from None
        raise UserError(f"Docker refused: {text}", f"Mend that, {OTHERWISE}") from None
    except requests.RequestException:
        raise UserError(
            "Docker's daemon went away.", "Start Docker, then run `invoke up` again."
        ) from None
