"""Which image the docker engine runs: found or pulled once, then pinned by its digest."""

from __future__ import annotations

from collections.abc import Mapping

import docker
from docker.errors import ImageNotFound
from docker.models.images import Image

from tasklib.base.display import say
from tasklib.base.errors import UserError
from tasklib.engines import pins
from tasklib.engines.docker.pull import pull
from tasklib.project.project import Project

OFFICIAL = "ghcr.io/trickle-labs/pg_trickle"
PIN = "image"
VERSION_LABEL = "org.opencontainers.image.version"
# A version's tag names the PostgreSQL that it was built on.
BUILDS = ("pg18.6", "pg18.3")


def obtain(client: docker.DockerClient, project: Project) -> Image:
    """Find the image on this machine, or pull it; a tag means the same for ever after.

    An image that never was in a registry has no digest, and is taken as it is.

    Raises:
        UserError: it can't be had.
    """
    wanted = candidates(project)
    pin = pins.read(project, PIN)
    pinned = str(pin["digest"]) if pin.get("for") == wanted and "digest" in pin else ""
    image = _first(client, [pinned] if pinned else wanted)
    if not pinned:
        repository = _repository(wanted[0])
        for digest in image.attrs.get("RepoDigests") or []:
            if digest.rpartition("@")[0] == repository and digest not in wanted:
                pins.write(project, PIN, {"for": wanted, "digest": digest})
                say(f"  pinned {digest} in {pins.FILE}")
    return image


def renew(client: docker.DockerClient, project: Project) -> Image:
    """Have the image of the settings; what `latest` means is asked for and pinned anew.

    Raises:
        UserError: it can't be had, neither from the registry nor from this machine.
    """
    if project.version == "latest":
        pins.write(project, PIN, {})
        for name in candidates(project):
            try:
                pull(client, name)
            except UserError:
                if not _was_made_here(client, name):
                    raise
    return obtain(client, project)


def _was_made_here(client: docker.DockerClient, name: str) -> bool:
    """Whether an image is on this machine and came from no registry."""
    try:
        return not client.images.get(name).attrs.get("RepoDigests")
    except ImageNotFound:
        return False


def candidates(project: Project) -> list[str]:
    """The names under which the image of the settings may be found, best first."""
    name = str(project.settings.get("image") or OFFICIAL)
    if "@" in name or ":" in name.rsplit("/", 1)[-1]:
        return [name]
    if project.version == "latest":
        return [f"{name}:pg18"]
    return [f"{name}:{project.version.removeprefix('v')}-{build}" for build in BUILDS]


def version(image: Image, setting: str) -> str | None:
    """The version of pg_trickle in an image, by its label or else by the setting `version`."""
    by_setting = None if setting == "latest" else setting.removeprefix("v")
    return labelled(image.labels or {}) or by_setting


def labelled(labels: Mapping[str, str]) -> str:
    """The version that an image's labels tell, which its containers have too; empty if none."""
    label = str(labels.get(VERSION_LABEL) or "").partition("-")[0]
    return label if label[:1].isdigit() else ""


def _repository(name: str) -> str:
    reference = name.partition("@")[0]
    folder, slash, last = reference.rpartition("/")
    return folder + slash + last.partition(":")[0]


def _first(client: docker.DockerClient, names: list[str]) -> Image:
    for name in names:
        try:
            return client.images.get(name)
        except ImageNotFound:
            continue
    missing = []
    for name in names:
        if pull(client, name):
            return client.images.get(name)
        missing.append(name)
    raise UserError(
        f"The registry has no image {' and no '.join(missing)}.",
        "Correct image and version in invoke.yaml (pgtrickle: image, version), "
        "or build that image; or use `invoke up --engine embedded`.",
    )
