"""The way to Docker's daemon, and its errors told as what they are."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import docker
import requests
import urllib3
from docker.constants import DEFAULT_TIMEOUT_SECONDS
from docker.errors import APIError, DockerException

from tasklib.base.errors import UserError

OTHERWISE = "or use `invoke up --engine embedded`."
GONE = (requests.RequestException, urllib3.exceptions.HTTPError, ConnectionError)


def connect(seconds: int = DEFAULT_TIMEOUT_SECONDS) -> docker.DockerClient:
    """Connect to the daemon that DOCKER_HOST or the Docker context names, or the machine's own.

    Args:
        seconds: how long an answer may take.

    Raises:
        UserError: none answers, or this account may not use it.
    """
    try:
        client = docker.from_env(timeout=seconds)
        client.ping()
    except (DockerException, *GONE) as error:
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
def explained() -> Iterator[None]:
    """Turn the daemon's errors inside the block into a UserError.

    Raises:
        UserError: disk full, daemon gone, or another refusal.
    """
    try:
        yield
    except APIError as error:
        text = str(error.explanation or error)
        if "no space left on device" in text.lower():
            raise no_space(text) from None
        raise UserError(f"Docker refused: {text}", f"Mend that, {OTHERWISE}") from None
    except GONE:
        raise UserError(
            "Docker's daemon went away.", "Start Docker, then run `invoke up` again."
        ) from None
    except DockerException as error:
        raise UserError(
            f"Docker can't do that: {error}", "Correct the settings in invoke.yaml."
        ) from None


def no_space(text: str) -> UserError:
    """The error for a full disk."""
    return UserError(
        f"No space left on Docker's disk:\n{text}",
        "Make room (`docker system df` shows what fills it), then run `invoke up` again.",
    )


def publisher(client: docker.DockerClient, port: int) -> str:
    """The name of the container that holds a TCP port; empty if none does."""
    holding: dict[str, str | list[str] | bool] = {
        "publish": f"{port}/tcp", "status": ["running", "paused"]
    }  # fmt: skip
    found = client.containers.list(filters=holding, ignore_removed=True)
    return str(found[0].name) if found else ""
