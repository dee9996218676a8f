"""Projects for the engines' tests, each with a server of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from tests.support.docker_image import answering_daemon, shared_image
from tests.support.workspace import (
    Workspace,
    in_docker,
    open_folder,
    ordinary_user,
    usable_python,
    workspace,
)


@pytest.fixture
def place() -> Iterator[Path]:
    """A temporary folder that every account may enter."""
    with open_folder() as folder:
        yield folder


@pytest.fixture
def project(place: Path) -> Iterator[Workspace]:
    """A project that was never up."""
    with workspace(place / "shop") as made:
        yield made


@pytest.fixture(scope="module")
def running() -> Iterator[Workspace]:
    """A project that is up, for tests that only look."""
    with open_folder() as folder, workspace(folder / "shop") as made:
        (made.root / ".env").write_text("# mine\nAPI_KEY=kept\n")
        made.invoke("up")
        yield made


@pytest.fixture
def user() -> Iterator[str | None]:
    """An ordinary user's account; None if this process is one."""
    if os.geteuid() != 0:
        yield None
        return
    with ordinary_user() as name:
        if usable_python(name) is None:
            pytest.skip("no Python of this version is open to other accounts than root")
        yield name


@pytest.fixture(scope="session")
def daemon() -> docker.DockerClient:
    """The machine's Docker."""
    return answering_daemon()


@pytest.fixture(scope="session")
def image(daemon: docker.DockerClient) -> Iterator[str]:
    """An image with PostgreSQL and pg_trickle_lite in the machine's Docker."""
    with shared_image(daemon) as name:
        yield name


@pytest.fixture
def boxed(place: Path, image: str) -> Iterator[Workspace]:
    """A project that was never up, set to docker and the tests' image."""
    with in_docker(place / "shop", image) as made:
        yield made


@pytest.fixture(scope="module")
def boxed_running(image: str) -> Iterator[Workspace]:
    """A project that is up in Docker, for tests that leave it as it is."""
    with open_folder() as folder, in_docker(folder / "shop", image) as made:
        made.invoke("up")
        yield made
