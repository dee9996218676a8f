"""One project's container and volume; nothing without the project's label is ever touched."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import docker
from docker.errors import NotFound
from docker.models.containers import Container
from docker.models.volumes import Volume

from tasklib.base import files
from tasklib.base.errors import UserError
from tasklib.engines import port
from tasklib.engines.docker.recipe import PASSWORD_FILE, Recipe
from tasklib.engines.server.roles import SUPERUSER
from tasklib.project.project import Project

STOP_SECONDS = 30
OWNER_LABEL = "dbt-pgtrickle.project"
SLUG_LABEL = "dbt-pgtrickle.slug"
RECIPE_LABEL = "dbt-pgtrickle.recipe"
# The name of a container that is about to replace another one.
NEXT = "-next"


class Containers:
    """The container and the volume of one project, both of one name.

    Args:
        client: Docker.
        project: whose they are. Two projects of one slug differ by their folder.
    """

    def __init__(self, client: docker.DockerClient, project: Project) -> None:
        self._client = client
        self._project = project
        digest = hashlib.sha256(os.fsencode(project.root)).hexdigest()[:8]
        self.name = f"pgtrickle-{project.slug}-{digest}"
        self._labels = {OWNER_LABEL: str(project.root), SLUG_LABEL: project.slug}
        self._unfinished = project.state_dir / "unfinished-volume"

    def find(self, name: str = "") -> Container | None:
        """The project's container, whether it runs or not.

        Raises:
            UserError: one of that name is somebody else's.
        """
        try:
            container = self._client.containers.get(name or self.name)
        except NotFound:
            return None
        self._require_own("container", str(container.name), container.labels)
        return container

    def volume(self) -> Volume | None:
        """The project's volume.

        Raises:
            UserError: one of that name is somebody else's.
        """
        try:
            volume = self._client.volumes.get(self.name)
        except NotFound:
            return None
        self._require_own("volume", self.name, volume.attrs.get("Labels") or {})
        return volume

    def orphans(self) -> list[str]:
        """Volumes of a project of this slug whose folder is no more: it may have been moved."""
        volumes = self._client.volumes.list(filters={"label": f"{SLUG_LABEL}={self._project.slug}"})
        folders = {v.name: (v.attrs.get("Labels") or {}).get(OWNER_LABEL) for v in volumes}
        return [f"{name} of {at}" for name, at in folders.items() if at and not Path(at).exists()]

    def provide_volume(self) -> bool:
        """Make the volume if there is none; tell whether it was made.

        Until it is `finished`, nobody can have committed anything to it.
        """
        if self.volume():
            return False
        with files.explained(self._unfinished):
            self._unfinished.write_text(self.name, encoding="utf-8")
        self._client.volumes.create(self.name, labels=self._labels)
        return True

    @property
    def unfinished(self) -> bool:
        """Whether a database was begun in the volume and never answered."""
        return self._unfinished.exists()

    def finish(self) -> None:
        """Note that the database in the volume has answered."""
        self._unfinished.unlink(missing_ok=True)

    def create(self, recipe: Recipe, password: str, *, instead: bool) -> Container:
        """Make a container that doesn't run yet.

        Args:
            recipe: what it is made of.
            password: the superuser's, for new data.
            instead: it is to replace the present one, whose name it gets by `take_over`.
        """
        container = self._client.containers.create(
            recipe.image,
            recipe.command(),
            name=self.name + (NEXT if instead else ""),
            entrypoint=recipe.entrypoint(),
            environment={"POSTGRES_USER": SUPERUSER, "POSTGRES_DB": self._project.database},
            labels={**self._labels, **recipe.origin, RECIPE_LABEL: recipe.mark()},
            mem_limit=recipe.memory,
            ports={"5432/tcp": (port.HOST, recipe.port)},
            shm_size=recipe.shm_size,
            stop_signal="SIGINT",
            volumes={self.name: {"bind": recipe.data_folder(), "mode": "rw"}},
        )
        container.put_archive("/", _archive(PASSWORD_FILE, password))
        return container

    def is_made_of(self, container: Container, recipe: Recipe) -> bool:
        """Whether a container needn't be made anew, and was made to the end."""
        same = container.labels.get(RECIPE_LABEL) == recipe.mark()
        return same and (container.status == "running" or bool(self.stored_password(container)))

    def take_over(self, container: Container) -> Container:
        """Give a container that was made `instead` the project's name."""
        container.rename(self.name)
        container.reload()
        return container

    def remove(self, container: Container) -> None:
        """Stop and remove a container; the volume stays."""
        self.stop(container)
        # with what the image declares as volumes beside ours, which are nobody's then
        container.remove(v=True, force=True)

    def stop(self, container: Container) -> bool:
        """Stop a container properly, if it runs; tell whether it did."""
        container.reload()
        if container.status not in ("running", "paused"):
            return False
        if container.status == "paused":
            container.unpause()
        container.stop(timeout=STOP_SECONDS)
        return True

    def discard(self) -> None:
        """Remove container and volume, as far as they are there."""
        container, volume = self.find(), self.volume()
        if container:
            self.remove(container)
        if volume:
            volume.remove()
        self.finish()

    def clear_away(self) -> None:
        """Remove what an interrupted replacement left."""
        left = self.find(self.name + NEXT)
        if left:
            self.remove(left)

    def stored_password(self, container: Container) -> str:
        """The password that a container was made with; empty if it has none."""
        try:
            chunks, _ = container.get_archive(PASSWORD_FILE)
        except NotFound:
            return ""
        with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as archive:
            content = archive.extractfile(archive.getmembers()[0])
            return content.read().decode().strip() if content else ""

    def _require_own(self, kind: str, name: str, labels: Mapping[str, str]) -> None:
        if labels.get(OWNER_LABEL) != str(self._project.root):
            raise UserError(
                f"There is a {kind} {name} that this project didn't make.",
                f"Rename or remove it: docker {kind} rm {name}",
            )


def _archive(path: str, text: str) -> bytes:
    """A tar archive of one small file, which whoever the image runs as may read."""
    content = f"{text}\n".encode()
    member = tarfile.TarInfo(str(PurePosixPath(path).relative_to("/")))
    member.size, member.mode = len(content), 0o444
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        archive.addfile(member, io.BytesIO(content))
    return stream.getvalue()
