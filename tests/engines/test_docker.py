"""The docker engine, against the machine's own daemon and an image that the tests make."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import docker
import psutil
import pytest
from docker.errors import DockerException, NotFound

from tests.support.docker_image import import_image
from tests.support.workspace import NO_DOCKER, Workspace, workspace

IMAGE = "pgtrickle-test-image"


@pytest.fixture(scope="module")
def daemon() -> Iterator[docker.DockerClient]:
    """The machine's Docker, with the image in it."""
    try:
        client = docker.from_env()
        client.ping()
    except DockerException as error:
        pytest.skip(f"no Docker daemon answers: {error}")
    import_image(client, IMAGE)
    try:
        yield client
    finally:
        client.images.remove(f"{IMAGE}:pg18", force=True)


@pytest.fixture
def project(daemon: docker.DockerClient, place: Path) -> Iterator[Workspace]:
    """A project that was never up, set to docker and the tests' image."""
    with workspace(place / "shop", settings={"engine": "docker", "image": IMAGE}) as made:
        made.environment = {"DOCKER_HOST": "unix:///var/run/docker.sock"}
        yield made


def container(
    daemon: docker.DockerClient, project: Workspace
) -> docker.models.containers.Container:
    """The one container of a project."""
    label = f"dbt-pgtrickle.project={project.root}"
    [found] = daemon.containers.list(all=True, filters={"label": label})
    return found


def test_up_gives_postgresql_18_with_the_extension_on_loopback(
    daemon: docker.DockerClient, project: Workspace
) -> None:
    output = project.invoke("up")
    assert "docker: PostgreSQL 18" in output
    assert "Why: invoke.yaml says so" in output
    assert project.query("select current_database() as name") == [{"name": "shop"}]
    made = container(daemon, project)
    assert made.name.startswith("pgtrickle-shop-")
    assert made.attrs["HostConfig"]["PortBindings"] == {
        "5432/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(project.port)}]
    }
    assert [mount["Name"] for mount in made.attrs["Mounts"]] == [made.name]
    password = project.env()["PGPASSWORD"]
    assert len(password) >= 24
    assert password not in str(made.attrs["Config"]["Cmd"])
    for process in psutil.process_iter(["cmdline"]):
        assert password not in " ".join(process.info["cmdline"] or [])
    assert "It ran already; nothing was changed." in project.invoke("up")
    assert container(daemon, project).id == made.id
    assert "\nproblem" not in project.invoke("status")
    assert project.invoke("psql", "--", "-Atc", "select 1") == "1\n"
    assert "database system is ready" in project.invoke("logs")


def test_down_keeps_the_volume_and_up_starts_the_same_container(
    daemon: docker.DockerClient, project: Workspace
) -> None:
    project.invoke("up")
    project.query("create table kept as select 42 as answer")
    former = container(daemon, project).id
    assert "stopped the container" in project.invoke("down")
    assert "not running" in project.invoke("status")
    project.invoke("up")
    assert container(daemon, project).id == former
    assert project.query("select answer from kept") == [{"answer": 42}]
    output = project.invoke("down", "--volumes", "--yes")
    assert "deleted the volume" in output
    assert not daemon.containers.list(
        all=True, filters={"label": f"dbt-pgtrickle.project={project.root}"}
    )


def test_changed_settings_make_a_new_container_on_the_same_volume(
    daemon: docker.DockerClient, project: Workspace
) -> None:
    project.invoke("up")
    project.query("create table kept as select 42 as answer")
    project.configure(
        docker={"memory": "512m", "shm_size": "128m", "postgres": {"work_mem": "7MB"}}
    )
    assert "its volume stays" in project.invoke("up")
    assert project.query("select answer, current_setting('work_mem') as mem from kept") == [
        {"answer": 42, "mem": "7MB"}
    ]
    host = container(daemon, project).attrs["HostConfig"]
    assert (host["Memory"], host["ShmSize"]) == (512 * 2**20, 128 * 2**20)


def test_a_killed_or_removed_container_comes_back_with_its_data(
    daemon: docker.DockerClient, project: Workspace
) -> None:
    project.invoke("up")
    project.query("create table kept as select 42 as answer")
    container(daemon, project).kill()
    assert "started PostgreSQL" in project.invoke("up")
    container(daemon, project).remove(force=True)
    assert "made the container" in project.invoke("up")
    assert project.query("select answer from kept") == [{"answer": 42}]


def test_a_lost_env_is_restored_from_the_container(
    daemon: docker.DockerClient, project: Workspace
) -> None:
    project.invoke("up")
    former = project.env()
    (project.root / ".env").unlink()
    project.invoke("up")
    assert project.env() == former
    (project.root / ".env").unlink()
    container(daemon, project).remove(force=True)
    assert "has no PGPASSWORD" in project.invoke("up", status=1)


def test_what_is_not_ours_is_never_touched(daemon: docker.DockerClient, project: Workspace) -> None:
    project.invoke("up")
    name = container(daemon, project).name
    project.invoke("down", "--volumes", "--yes")
    volume = daemon.volumes.create(name)
    foreign = daemon.containers.create(f"{IMAGE}:pg18", name=name)
    try:
        for task in (["up"], ["down", "--volumes", "--yes"]):
            assert "that this project didn't make" in project.invoke(*task, status=1)
        foreign.reload()
    finally:
        foreign.remove(v=True)
        volume.remove()


def test_two_projects_live_side_by_side(project: Workspace, place: Path) -> None:
    settings = {"engine": "docker", "image": IMAGE}
    with workspace(place / "twin", settings=settings) as twin:
        twin.environment = project.environment
        project.invoke("up")
        twin.invoke("up")
        project.query("create table only_here (x int)")
        assert twin.query("select to_regclass('only_here') as found") == [{"found": None}]
        twin.invoke("down", "--volumes", "--yes")
        assert project.query("select 1 as one") == [{"one": 1}]


def test_no_daemon_is_told(project: Workspace) -> None:
    settings = project.environment
    project.environment = {"DOCKER_HOST": NO_DOCKER}
    output = project.invoke("up", status=1)
    project.environment = settings
    assert "No Docker daemon answers" in output
    assert "invoke up --engine embedded" in output


def test_no_permission_on_the_socket_is_told(project: Workspace, user: str | None) -> None:
    if user is None:
        pytest.skip("this account may use Docker, and only root can become another")
    (project.root / ".pgtrickle").mkdir(exist_ok=True)
    (project.root / ".pgtrickle").chmod(0o777)
    stranger = Workspace(project.root, user, project.environment)
    assert "no permission on the daemon's socket" in stranger.invoke("up", status=1)


def test_an_image_that_can_not_be_had_is_told(project: Workspace) -> None:
    project.configure(image="localhost:1/no/such/image")
    output = project.invoke("up", status=1)
    assert "The image localhost:1/no/such/image:pg18 can't be had" in output
    assert "embedded" in output


def test_a_port_in_use_is_told_with_its_user(project: Workspace) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", project.port))
        other.listen()
        output = project.invoke("up", status=1)
    assert f"Port {project.port} is in use by" in output


def test_a_container_that_ends_is_quoted(project: Workspace) -> None:
    project.configure(docker={"postgres": {"shared_buffers": "much"}})
    output = project.invoke("up", status=1)
    assert "shared_buffers" in output
    project.configure(docker={})
    project.invoke("up")


def test_a_volume_of_another_major_version_is_told(
    daemon: docker.DockerClient, project: Workspace
) -> None:
    project.invoke("up")
    name = container(daemon, project).name
    project.invoke("down")
    daemon.containers.run(
        f"{IMAGE}:pg18", ["-c", "echo 17 > /var/lib/postgresql/18/docker/PG_VERSION"],
        entrypoint="/bin/sh", volumes={name: {"bind": "/var/lib/postgresql"}}, remove=True,
    )  # fmt: skip
    output = project.invoke("up", status=1)
    assert "data of another version of PostgreSQL" in output
    assert "version 17" in output


def test_auto_takes_docker_where_the_image_is_there_and_stays_with_it(
    project: Workspace,
) -> None:
    project.configure(engine="auto")
    assert "Why: auto: Docker answers and has the image" in project.invoke("up")
    settings = project.environment
    project.environment = {"DOCKER_HOST": NO_DOCKER}
    assert "No Docker daemon answers" in project.invoke("up", status=1)
    project.environment = settings


def test_a_project_moves_from_embedded_to_docker_and_back(
    daemon: docker.DockerClient, project: Workspace
) -> None:
    project.invoke("up", "--engine", "embedded")
    project.query("create table kept as select 42 as answer")
    output = project.invoke("up", "--engine", "docker")
    assert "embedded: stopped PostgreSQL" in output
    assert "the data of the engine embedded stay" in output
    assert project.query("select to_regclass('kept') as found") == [{"found": None}]
    assert "docker: stopped the container" in project.invoke("up", "--engine", "embedded")
    assert project.query("select answer from kept") == [{"answer": 42}]
    label = f"dbt-pgtrickle.project={project.root}"
    for made in daemon.containers.list(all=True, filters={"label": label}):
        made.remove(v=True)
        with pytest.raises(NotFound):
            daemon.containers.get(made.name)
        daemon.volumes.get(made.name).remove()
