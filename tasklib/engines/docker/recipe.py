"""What the docker engine's container is made of, read from the image and from invoke.yaml."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from docker.models.images import Image

from tasklib.base.errors import UserError
from tasklib.project.project import SETTINGS_FILE, Project

OPTIONS = ("memory", "shm_size", "start_seconds")
IMAGE_LABEL = "dbt-pgtrickle.image"
VERSION_LABEL = "dbt-pgtrickle.version"
# Docker's own 64 MB are too little for parallel queries.
SHM_SIZE = "256m"
START_SECONDS = 120
# PostgreSQL 18's image keeps each major version in a folder of its own below this one.
DATA_FOLDER = "/var/lib/postgresql"
PASSWORD_FILE = "/run/secrets/postgres_password"  # noqa: S105 a path
# The password reaches any image's own entry point without standing in the container's
# settings (`docker inspect`) or in a command line.
ENTRY = f'IFS= read -r POSTGRES_PASSWORD < {PASSWORD_FILE}; export POSTGRES_PASSWORD; exec "$@"'


@dataclass(frozen=True)
class Recipe:
    """Another one of these makes another container.

    Attributes:
        image: what runs.
        port: the TCP port on loopback.
        memory: Docker's limit, such as 2g; None for no limit.
        shm_size: shared memory, such as 256m.
        postgres: settings of PostgreSQL.
        start_seconds: how long the server may take until it answers.
        origin: the settings that the image was chosen by, as labels.
    """

    image: Image
    port: int
    memory: str | None
    shm_size: str
    postgres: Mapping[str, str]
    start_seconds: float
    origin: Mapping[str, str]

    def mark(self) -> str:
        """A text that is the same for containers that needn't be made anew."""
        parts = [self.image.id, self.port, self.memory, self.shm_size, dict(self.postgres)]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def entrypoint(self) -> list[str]:
        """The image's own entry point, with the password in its environment."""
        return ["/bin/sh", "-c", ENTRY, "sh", *(self._config("Entrypoint") or [])]

    def command(self) -> list[str]:
        """PostgreSQL's settings, for the image's entry point to hand over."""
        command = list(self._config("Cmd") or [])
        for name, value in self.postgres.items():
            command += ["-c", f"{name}={value}"]
        return command

    def data_folder(self) -> str:
        """Where the volume goes: the folder that the image declares as one for its data."""
        environment = dict(item.partition("=")[::2] for item in self._config("Env") or [])
        data = PurePosixPath(environment.get("PGDATA") or f"{DATA_FOLDER}/data")
        declared = [
            folder for folder in self._config("Volumes") or {} if data.is_relative_to(folder)
        ]
        return max(declared, key=len, default=DATA_FOLDER)

    def _config(self, key: str) -> Any:
        return self.image.attrs["Config"].get(key)


def origin(project: Project) -> dict[str, str]:
    """The settings that an image is chosen by."""
    return {
        IMAGE_LABEL: str(project.settings.get("image") or ""),
        VERSION_LABEL: project.version,
    }


def recipe(
    project: Project, image: Image, chosen_by: Mapping[str, str], postgres: Mapping[str, str]
) -> Recipe:
    """Read the container's options.

    Args:
        project: the project, whose invoke.yaml has them under `docker:`.
        image: what is to run.
        chosen_by: the origin of that image.
        postgres: settings of PostgreSQL.

    Raises:
        UserError: there is no such option, or it has no such value.
    """
    given = project.settings.get("docker") or {}
    if not isinstance(given, dict) or set(given) - set(OPTIONS):
        unknown = ", ".join(map(str, set(given) - set(OPTIONS))) or given
        raise UserError(
            f"{project.root / SETTINGS_FILE}: docker has no option '{unknown}'.",
            f"Use one of: {', '.join(OPTIONS)}.",
            2,
        )
    seconds = given.get("start_seconds", START_SECONDS)
    if not isinstance(seconds, (int, float)) or seconds <= 0:
        raise UserError(
            f"{project.root / SETTINGS_FILE}: start_seconds '{seconds}' is no number of seconds.",
            f"Write a number above 0; the default is {START_SECONDS}.",
            2,
        )
    memory = given.get("memory")
    return Recipe(
        image=image,
        port=project.port,
        memory=None if memory is None else str(memory),
        shm_size=str(given.get("shm_size", SHM_SIZE)),
        postgres=postgres,
        start_seconds=seconds,
        origin=chosen_by,
    )
