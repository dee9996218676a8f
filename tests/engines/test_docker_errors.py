"""What can stand in the way in Docker: each has a cause and a remedy, and leaves nothing behind."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import docker
import pytest

from tests.support.containers import container, containers, labels, project_name, volumes
from tests.support.docker_image import variant
from tests.support.workspace import NO_DOCKER, Workspace


def leaves_nothing(daemon: docker.DockerClient, project: Workspace) -> bool:
    """Whether a project has neither container nor volume."""
    return (containers(daemon, project), volumes(daemon, project)) == ([], [])


@pytest.mark.parametrize("address", [NO_DOCKER, "tcp://127.0.0.1:9", "nonsense"])
def test_no_daemon_is_told(boxed: Workspace, address: str) -> None:
    boxed.environment, settings = {"DOCKER_HOST": address}, boxed.environment
    output = boxed.invoke("up", status=1)
    boxed.environment = settings
    assert "No Docker daemon answers" in output
    assert "invoke up --engine embedded" in output
    assert not (boxed.root / ".env").exists()


def test_no_permission_on_the_socket_is_told_and_auto_moves_on(
    boxed: Workspace, user: str | None
) -> None:
    if user is None:
        pytest.skip("this account may use Docker, and only root can become another")
    boxed.state.mkdir(exist_ok=True)
    boxed.state.chmod(0o777)
    stranger = Workspace(boxed.root, user, boxed.environment)
    output = stranger.invoke("up", status=1)
    assert "no permission on the daemon's socket" in output
    assert "group docker" in output


def test_an_image_that_can_not_be_had_is_told(boxed: Workspace) -> None:
    boxed.configure(image="localhost:1/no/such/image")
    output = boxed.invoke("up", status=1)
    assert "The image localhost:1/no/such/image:pg18 can't be had" in output
    assert "connection refused" in output
    assert "docker load" in output
    assert "invoke up --engine embedded" in output
    boxed.configure(image="No Such Name")
    assert "No Such Name" in boxed.invoke("up", status=1)


def test_a_port_in_use_is_told_with_its_user_before_anything_is_stopped(
    daemon: docker.DockerClient, boxed: Workspace, boxed_running: Workspace
) -> None:
    own = boxed.port
    with socket.socket() as other:
        other.bind(("127.0.0.1", own))
        other.listen()
        assert f"Port {own} is in use by " in boxed.invoke("up", status=1)
    assert leaves_nothing(daemon, boxed)
    boxed.invoke("up")
    former = container(daemon, boxed).id
    boxed.configure(port=boxed_running.port)
    output = boxed.invoke("up", status=1)
    name = container(daemon, boxed_running).name
    assert f"Port {boxed.port} is in use by the container {name}" in output
    assert "set another port in invoke.yaml" in output
    boxed.configure(port=own)
    assert "nothing was changed" in boxed.invoke("up")
    assert container(daemon, boxed).id == former


def test_a_container_that_ends_is_quoted_and_leaves_nothing(
    daemon: docker.DockerClient, boxed: Workspace
) -> None:
    boxed.configure(postgres={"shared_buffers": "much"})
    output = boxed.invoke("up", status=1)
    assert "ended (exit status 1)" in output
    assert 'invalid value for parameter "shared_buffers": "much"' in output
    assert leaves_nothing(daemon, boxed)


@pytest.fixture
def silent(daemon: docker.DockerClient, image: str) -> Iterator[str]:
    """An image whose database listens to nobody."""
    with variant(daemon, image, "silent", r"s/listen_addresses='\*'/listen_addresses=/") as name:
        yield name


def test_a_database_that_does_not_answer_in_time_is_told_with_the_end_of_its_log(
    daemon: docker.DockerClient, boxed: Workspace, silent: str
) -> None:
    boxed.configure(image=silent, docker={"start_seconds": 3})
    output = boxed.invoke("up", status=1)
    assert "its database doesn't answer after 3 s" in output
    log = output.partition("The end of its log:\n")[2]
    # how far it came in that time is the machine's business
    assert len(log.splitlines()) > 3
    assert "docker: start_seconds" in output
    assert leaves_nothing(daemon, boxed)


@pytest.fixture
def bare(daemon: docker.DockerClient, image: str) -> Iterator[str]:
    """An image without the extension."""
    with variant(daemon, image, "bare", "s|/extension:||") as name:
        yield name


def test_an_image_without_the_extension_is_told(
    daemon: docker.DockerClient, boxed: Workspace, bare: str
) -> None:
    boxed.configure(image=bare)
    output = boxed.invoke("up", status=1)
    assert "offers no extension pg_trickle" in output
    assert "pgtrickle: image in invoke.yaml" in output
    assert leaves_nothing(daemon, boxed)


def test_a_volume_of_another_major_version_is_told_and_stays(
    daemon: docker.DockerClient, boxed: Workspace, image: str
) -> None:
    name = project_name(boxed)
    daemon.volumes.create(name, labels=labels(boxed))
    daemon.containers.run(
        image, ["-c", "initdb -D $PGDATA -N; echo 17 > $PGDATA/PG_VERSION"],
        entrypoint="/bin/sh", volumes={name: {"bind": "/var/lib/postgresql"}}, remove=True,
    )  # fmt: skip
    (boxed.root / ".env").write_text("PGPASSWORD=known\n")
    output = boxed.invoke("up", status=1)
    assert "data of another version of PostgreSQL" in output
    assert "version 17" in output
    assert "invoke down --volumes" in output
    assert [volume.name for volume in volumes(daemon, boxed)] == [name]


def test_a_full_disk_is_told(daemon: docker.DockerClient, boxed: Workspace) -> None:
    daemon.volumes.create(
        project_name(boxed), labels=labels(boxed),
        driver_opts={"type": "tmpfs", "device": "tmpfs", "o": "size=20m,mode=777"},
    )  # fmt: skip
    (boxed.root / ".env").write_text("PGPASSWORD=known\n")
    output = boxed.invoke("up", status=1)
    assert "No space left on Docker's disk" in output
    assert "docker system df" in output
