"""Images from a registry: pulled once, pinned by digest, and what can go wrong on the way."""

from __future__ import annotations

import json
import os
import pty
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from tests.support.containers import container, containers
from tests.support.registry import Registry, running_registry
from tests.support.terminal import shown_until_end
from tests.support.workspace import Workspace, in_docker


@pytest.fixture
def registry(daemon: docker.DockerClient) -> Iterator[Registry]:
    """An empty registry; what was pulled from it is removed again."""
    with running_registry() as made:
        try:
            yield made
        finally:
            for image in daemon.images.list(name=made.repository):
                daemon.images.remove(image.id, force=True)


@pytest.fixture
def pulling(place: Path, registry: Registry) -> Iterator[Workspace]:
    """A project whose image is in the registry."""
    with in_docker(place / "shop", registry.repository) as made:
        yield made


def forget(daemon: docker.DockerClient, registry: Registry) -> None:
    """Remove what was pulled, as `docker image prune` does."""
    for image in daemon.images.list(name=registry.repository):
        daemon.images.remove(image.id, force=True)


def lock(project: Workspace) -> dict[str, object]:
    """What is pinned."""
    return dict(json.loads((project.root / "pgtrickle.lock").read_text())["image"])


def test_latest_is_pulled_once_pinned_by_digest_and_stays_when_the_tag_moves(
    daemon: docker.DockerClient, pulling: Workspace, registry: Registry, image: str
) -> None:
    first = registry.publish(daemon, image, "pg18")
    output = pulling.invoke("up")
    assert f"pulled {registry.repository}:pg18" in output
    pinned = f"{registry.repository}@{first}"
    assert f"pinned {pinned} in pgtrickle.lock" in output
    assert lock(pulling) == {"for": [f"{registry.repository}:pg18"], "digest": pinned}
    made = container(daemon, pulling)
    registry.publish(daemon, image, "pg18")
    registry.asked.clear()
    assert "nothing was changed" in pulling.invoke("up")
    assert registry.asked == []
    assert container(daemon, pulling).id == made.id
    # another machine, where only the lock is
    pulling.invoke("down", "--volumes", "--yes")
    forget(daemon, registry)
    assert f"pulled {pinned}" in pulling.invoke("up")
    # the daemon may remember the manifest; what the tag means now it never asks
    assert any("/blobs/" in path for path in registry.asked)
    assert not any(path.endswith("/pg18") for path in registry.asked)
    assert container(daemon, pulling).image.id == made.image.id
    assert lock(pulling)["digest"] == pinned


def test_a_version_finds_its_tag_and_another_version_waits_for_upgrade(
    daemon: docker.DockerClient, pulling: Workspace, registry: Registry, image: str
) -> None:
    old = registry.publish(daemon, image, "0.67.0-pg18.3")
    new = registry.publish(daemon, image, "0.108.0-pg18.6")
    pulling.configure(version="0.67.0")
    assert f"pulled {registry.repository}:0.67.0-pg18.3" in pulling.invoke("up")
    assert str(lock(pulling)["digest"]).endswith(old)
    pulling.query("create table kept as select 42 as answer")
    pulling.configure(version="0.108.0")
    output = pulling.invoke("up")
    assert "nothing was changed" in output
    assert "invoke.yaml asks for version 0.108.0; the container keeps 0.67.0 until" in output
    assert str(lock(pulling)["digest"]).endswith(old)
    assert f"pulled {registry.repository}:0.108.0-pg18.6" in pulling.invoke("upgrade", "--yes")
    assert str(lock(pulling)["digest"]).endswith(new)
    assert pulling.query("select answer from kept") == [{"answer": 42}]
    assert "Note:" not in pulling.invoke("up")
    pulling.configure(version="9.9.9")
    output = pulling.invoke("upgrade", "--yes", status=1)
    tags = [f"{registry.repository}:9.9.9-pg18.{patch}" for patch in (6, 3)]
    assert f"The registry has no image {tags[0]} and no {tags[1]}." in output
    assert "image, version" in output
    assert pulling.query("select answer from kept") == [{"answer": 42}]
    assert str(lock(pulling)["digest"]).endswith(new)


def test_a_pull_shows_its_progress_on_a_terminal(
    daemon: docker.DockerClient, pulling: Workspace, registry: Registry, image: str
) -> None:
    registry.publish(daemon, image, "pg18", ballast=4_000_000)
    registry.bytes_per_second = 4_000_000
    terminal, end = pty.openpty()
    with pulling.popen("up", stdin=end, stdout=end) as process:
        os.close(end)
        seen = shown_until_end(terminal)
        assert process.wait(60) == 0
    assert f"pulling {registry.repository}:pg18" in seen
    assert "MB/s" in seen
    assert "━" in seen


def test_a_pull_that_is_interrupted_leaves_nothing_and_the_next_up_completes_it(
    daemon: docker.DockerClient, pulling: Workspace, registry: Registry, image: str
) -> None:
    registry.publish(daemon, image, "pg18", ballast=4_000_000)
    registry.bytes_per_second = 500_000
    with pulling.popen("up", start_new_session=True) as process:
        deadline = time.monotonic() + 30
        while registry.sent < 500_000 and time.monotonic() < deadline:
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        output = process.communicate(timeout=30)[0]
    assert process.returncode != 0
    assert "Traceback" not in output
    assert containers(daemon, pulling) == []
    assert not (pulling.root / "pgtrickle.lock").exists()
    registry.bytes_per_second = 0
    assert f"pulled {registry.repository}:pg18" in pulling.invoke("up")


def test_a_layer_that_is_not_what_its_digest_says_is_refused(
    daemon: docker.DockerClient, pulling: Workspace, registry: Registry, image: str
) -> None:
    registry.publish(daemon, image, "pg18", ballast=1_000_000)
    manifest = json.loads(registry.blobs[registry.tags["pg18"]])
    layer = manifest["layers"][-1]["digest"]
    content = registry.blobs[layer]
    registry.blobs[layer] = content[:5000] + bytes([content[5000] ^ 1]) + content[5001:]
    output = pulling.invoke("up", status=1)
    assert f"The image {registry.repository}:pg18 can't be had:" in output
    assert "Check the network" in output
    assert not (pulling.root / "pgtrickle.lock").exists()


def test_a_lock_that_can_not_be_read_is_told(pulling: Workspace) -> None:
    (pulling.root / "pgtrickle.lock").write_text("{")
    output = pulling.invoke("up", status=1)
    assert f"{pulling.root / 'pgtrickle.lock'} can't be read" in output
    assert "version control" in output
