"""Which image the docker engine runs: found or pulled once, then pinned by its digest."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import docker
import requests
from docker.errors import APIError, ImageNotFound
from docker.models.images import Image
from rich.progress import Progress, TaskID

from tasklib import files
from tasklib.display import console
from tasklib.errors import UserError
from tasklib.project import Project

OFFICIAL = "ghcr.io/trickle-labs/pg_trickle"
LOCK_FILE = "pgtrickle.lock"
# A version's tag names the PostgreSQL that it was built on.
BUILDS = ("pg18.6", "pg18.3")


def obtain(client: docker.DockerClient, project: Project) -> Image:
    """Find the image on this machine, or pull it; `latest` is the same for ever after.

    Raises:
        UserError: it can't be had.
    """
    wanted = candidates(project)
    pinned = _pinned(project, wanted)
    image = _first(client, [pinned] if pinned else wanted)
    digests = image.attrs.get("RepoDigests") or []
    if not pinned and digests:
        _pin(project, wanted, digests[0])
    return image


def candidates(project: Project) -> list[str]:
    """The names under which the image of the settings may be found, best first."""
    name = str(project.settings.get("image") or OFFICIAL)
    if "@" in name or ":" in name.rsplit("/", 1)[-1]:
        return [name]
    if project.version == "latest":
        return [f"{name}:pg18"]
    return [f"{name}:{project.version}-{build}" for build in BUILDS]


def _first(client: docker.DockerClient, names: list[str]) -> Image:
    for name in names:
        try:
            return client.images.get(name)
        except ImageNotFound:
            continue
    reasons = []
    for name in names:
        try:
            _pull(client, name)
            return client.images.get(name)
        except (APIError, requests.RequestException) as error:
            reasons.append(str(getattr(error, "explanation", None) or error))
    raise UserError(
        f"The image {names[0]} can't be had: {reasons[0]}",
        "Check the network and the settings image and version in invoke.yaml; "
        "or use `invoke up --engine embedded`.",
    )


def _pull(client: docker.DockerClient, name: str) -> None:
    reference, separator, digest = name.partition("@")
    repository, _, tag = reference.rpartition(":") if not separator else (reference, "", digest)
    events: Iterator[Mapping[str, Any]] = client.api.pull(
        repository, tag=tag, stream=True, decode=True
    )
    with Progress(console=console(), transient=True) as progress:
        layers: dict[str, TaskID] = {}
        for event in events:
            if "error" in event:
                raise APIError(event["error"], explanation=event["error"])
            detail = event.get("progressDetail") or {}
            if event.get("status") == "Downloading" and detail.get("total"):
                layer = event["id"]
                if layer not in layers:
                    layers[layer] = progress.add_task(f"{name} {layer}", total=detail["total"])
                progress.update(layers[layer], completed=detail["current"])


def _pinned(project: Project, wanted: list[str]) -> str | None:
    try:
        lock = json.loads((project.root / LOCK_FILE).read_text(encoding="utf-8"))
        return str(lock["image"]) if lock["wanted"] == wanted else None
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(
            f"{project.root / LOCK_FILE} can't be read.",
            "Restore it from version control; or delete it, and the image is chosen anew.",
        ) from None


def _pin(project: Project, wanted: list[str], reference: str) -> None:
    lock = project.root / LOCK_FILE
    with files.explained(lock):
        text = json.dumps({"wanted": wanted, "image": reference}, indent=2)
        lock.write_text(text + "\n", encoding="utf-8")
