"""What a project has in Docker, as Docker itself tells it."""

from __future__ import annotations

import docker
from docker.models.containers import Container
from docker.models.volumes import Volume

from tasklib.engines.docker.container import OWNER_LABEL, Containers
from tasklib.project.project import find_project
from tests.support.workspace import Workspace


def containers(daemon: docker.DockerClient, project: Workspace) -> list[Container]:
    """Every container of a project, running or not."""
    label = f"{OWNER_LABEL}={project.root}"
    filters = {"label": label}
    return list(daemon.containers.list(all=True, filters=filters, ignore_removed=True))


def container(daemon: docker.DockerClient, project: Workspace) -> Container:
    """The one container of a project."""
    [found] = containers(daemon, project)
    return found


def volumes(daemon: docker.DockerClient, project: Workspace) -> list[Volume]:
    """Every volume of a project."""
    label = f"{OWNER_LABEL}={project.root}"
    return list(daemon.volumes.list(filters={"label": label}))


def project_name(project: Workspace) -> str:
    """What a project's container and volume are called."""
    return Containers(docker.from_env(), find_project(project.root)).name


def labels(project: Workspace) -> dict[str, str]:
    """What tells a volume to be a project's."""
    return {OWNER_LABEL: str(project.root)}
