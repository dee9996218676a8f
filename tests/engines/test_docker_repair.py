"""However it ended in Docker, the next `invoke up` repairs it, with all committed data there."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import docker
import pytest

from tests.support.containers import container, containers, volumes
from tests.support.proxy import leaving_daemon
from tests.support.workspace import Workspace


def test_two_ups_at_once_give_one_container(daemon: docker.DockerClient, boxed: Workspace) -> None:
    with boxed.popen("up") as first, boxed.popen("up") as second:
        outputs = [first.communicate(timeout=90)[0], second.communicate(timeout=90)[0]]
    assert (first.returncode, second.returncode) == (0, 0), outputs
    assert sum("made the container" in output for output in outputs) == 1
    assert sum("nothing was changed" in output for output in outputs) == 1
    assert len(containers(daemon, boxed)) == 1


def has_volume(daemon: docker.DockerClient, project: Workspace) -> bool:
    """The volume is there, the container perhaps not yet."""
    return bool(volumes(daemon, project))


def runs(daemon: docker.DockerClient, project: Workspace) -> bool:
    """The container runs, and makes its data."""
    return any(found.status == "running" for found in containers(daemon, project))


def writes(daemon: docker.DockerClient, project: Workspace) -> bool:
    """The data have begun, and are far from finished."""
    return any(b"bootstrap script" in found.logs() for found in containers(daemon, project))


@pytest.mark.parametrize(
    ("stage", "kind"),
    [
        (has_volume, signal.SIGINT),
        (runs, signal.SIGINT),
        (writes, signal.SIGINT),
        (writes, signal.SIGKILL),
    ],
)
def test_an_interrupted_up_is_completed_by_the_next_even_if_the_container_was_killed_as_well(
    daemon: docker.DockerClient,
    boxed: Workspace,
    stage: Callable[[docker.DockerClient, Workspace], bool],
    kind: signal.Signals,
) -> None:
    with boxed.popen("up", start_new_session=True) as process:
        deadline = time.monotonic() + 60
        while not stage(daemon, boxed):
            assert time.monotonic() < deadline
            time.sleep(0.005)
        os.killpg(process.pid, kind)
        output = process.communicate(timeout=60)[0]
    assert "Traceback" not in output
    if kind == signal.SIGKILL:
        for found in containers(daemon, boxed):
            found.remove(force=True) if found.status == "created" else found.kill()
    boxed.invoke("up")
    assert boxed.query("select 1 as one") == [{"one": 1}]
    assert len(containers(daemon, boxed)) == 1
    assert "nothing was changed" in boxed.invoke("up")


def test_a_container_that_was_killed_paused_or_removed_comes_back_with_all_that_was_committed(
    daemon: docker.DockerClient, boxed: Workspace
) -> None:
    boxed.invoke("up")
    boxed.query("create table kept (answer int)")

    def killed() -> None:
        container(daemon, boxed).kill("SIGKILL")

    def paused() -> None:
        container(daemon, boxed).pause()

    def removed() -> None:
        container(daemon, boxed).remove(force=True)

    said = {killed: "started PostgreSQL", paused: "resumed", removed: "made the container"}
    for number, (mishap, words) in enumerate(said.items(), 1):
        boxed.query(f"insert into kept values ({number})")
        mishap()
        assert "not running" in boxed.invoke("status")
        assert words in boxed.invoke("up")
        assert boxed.query("select count(*) as n from kept") == [{"n": number}]


def test_a_daemon_that_goes_away_during_the_first_up_is_told_and_the_next_up_completes_it(
    daemon: docker.DockerClient, boxed: Workspace, place: Path
) -> None:
    own = boxed.environment
    for request in ("/volumes/create", "/containers/create", "/archive", "/start"):
        with leaving_daemon(place, request) as proxy:
            boxed.environment = {"DOCKER_HOST": proxy.address}
            output = boxed.invoke("up", status=1)
            assert proxy.was_cut, f"{request} was never asked for"
        assert "Docker's daemon went away" in output
        assert "Start Docker, then run `invoke up` again" in output
    boxed.environment = own
    boxed.invoke("up")
    assert boxed.query("select 1 as one") == [{"one": 1}]
    assert (len(containers(daemon, boxed)), len(volumes(daemon, boxed))) == (1, 1)


@pytest.mark.long
def test_a_daemon_that_goes_away_during_a_replacement_costs_no_data(
    daemon: docker.DockerClient, boxed: Workspace, place: Path
) -> None:
    boxed.invoke("up")
    boxed.query("create table kept as select 42 as answer")
    own = boxed.environment
    requests = ("/containers/create", "/archive", "/stop", "/start", "/rename")
    for number, request in enumerate(requests):
        boxed.configure(postgres={"work_mem": f"{number + 5}MB"})
        with leaving_daemon(place, request) as proxy:
            boxed.environment = {"DOCKER_HOST": proxy.address}
            assert "Docker's daemon went away" in boxed.invoke("up", status=1)
            assert proxy.was_cut, f"{request} was never asked for"
    boxed.environment = own
    boxed.invoke("up")
    assert boxed.query("select answer, current_setting('work_mem') as mem from kept") == [
        {"answer": 42, "mem": "9MB"}
    ]
    assert len(containers(daemon, boxed)) == 1
