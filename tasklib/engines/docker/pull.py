"""Pulling an image through the daemon, with a progress bar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import docker
from docker.errors import APIError, DockerException, NotFound
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from tasklib.base.display import console, say
from tasklib.base.errors import UserError

ABSENT = ("not found", "manifest unknown", "name unknown")
REFUSED = ("denied", "unauthorized", "authentication required")
NO_SPACE = "no space left on device"


def pull(client: docker.DockerClient, name: str) -> bool:
    """Pull an image; tell whether its registry has it.

    Args:
        client: the daemon that pulls.
        name: the image with its tag or digest.

    Raises:
        UserError: the registry can't be reached or refuses, or the download fails.
    """
    reference, _, digest = name.partition("@")
    repository, _, tag = (reference, "", digest) if digest else reference.rpartition(":")
    try:
        size = _follow(client.api.pull(repository, tag=tag, stream=True, decode=True), name)
    except NotFound:
        return False
    except APIError as error:
        return _judge(name, str(error.explanation or error))
    except DockerException as error:
        raise UserError(f"The image {name} can't be had: {error}", "Correct its name.") from None
    say(f"  pulled {name} ({size / 1e6:.0f} MB)")
    return True


def _follow(events: Iterator[Mapping[str, Any]], name: str) -> int:
    """Show what arrives; give its size in bytes."""
    shown = console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(),
               TransferSpeedColumn())  # fmt: skip
    if not shown.is_terminal:
        shown.print(f"  pulling {name} …")
    sizes: dict[str, int] = {}
    arrived: dict[str, int] = {}
    with Progress(*columns, console=shown, transient=True, disable=not shown.is_terminal) as bar:
        task = bar.add_task(f"pulling {name}", total=None)
        for event in events:
            if "error" in event:
                raise APIError(event["error"], explanation=event["error"])
            layer, status = str(event.get("id")), event.get("status")
            detail = event.get("progressDetail") or {}
            if status == "Downloading" and detail.get("total"):
                sizes[layer], arrived[layer] = detail["total"], detail["current"]
            elif status == "Download complete" and layer in sizes:
                arrived[layer] = sizes[layer]
            elif status == "Extracting" and arrived == sizes:
                bar.update(task, description=f"unpacking {name}")
            bar.update(task, completed=sum(arrived.values()), total=sum(sizes.values()) or None)
    return sum(sizes.values())


def _judge(name: str, reason: str) -> bool:
    lower = reason.lower()
    if any(text in lower for text in ABSENT) and not any(text in lower for text in REFUSED):
        return False
    if NO_SPACE in lower:
        remedy = "Make room on Docker's disk (`docker system df` shows what fills it)."
    elif any(text in lower for text in REFUSED):
        remedy = f"Check its name; if it is private: docker login {name.partition('/')[0]}"
    else:
        remedy = (
            "Check the network and its proxy, then run `invoke up` again. "
            "Without a network, `docker load` takes the image from a file."
        )
    raise UserError(
        f"The image {name} can't be had: {reason}",
        f"{remedy}\n  Or use `invoke up --engine embedded`.",
    )
