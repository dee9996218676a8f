"""The docker engine, against the machine's own daemon and an image that the tests make."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import stat
import subprocess
import time
from pathlib import Path

import docker
import psutil
import pytest

from tests.support.containers import container, containers, project_name, volumes
from tests.support.proxy import leaving_daemon
from tests.support.terminal import shown_until
from tests.support.workspace import NO_DOCKER, Workspace, in_docker, workspace


def test_up_tells_what_runs_and_on_a_running_container_changes_nothing(
    daemon: docker.DockerClient, boxed_running: Workspace
) -> None:
    made = container(daemon, boxed_running)
    output = boxed_running.invoke("up")
    assert "docker: PostgreSQL 18" in output
    assert "pg_trickle_lite" in output
    assert "Why: invoke.yaml says so" in output
    assert "It ran already; nothing was changed." in output
    assert container(daemon, boxed_running).id == made.id
    status = boxed_running.invoke("status")
    assert f"container {made.name}" in status
    assert "\nproblem" not in status
    assert boxed_running.query("select current_database() as name") == [{"name": "shop"}]


def test_the_container_listens_on_loopback_only_and_keeps_its_data_in_a_volume_of_its_name(
    daemon: docker.DockerClient, boxed_running: Workspace
) -> None:
    made = container(daemon, boxed_running)
    assert made.name.startswith("pgtrickle-shop-")
    assert made.attrs["HostConfig"]["PortBindings"] == {
        "5432/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(boxed_running.port)}]
    }
    assert [mount["Name"] for mount in made.attrs["Mounts"]] == [made.name]
    [volume] = volumes(daemon, boxed_running)
    assert volume.name == made.name
    assert made.labels["dbt-pgtrickle.slug"] == volume.attrs["Labels"]["dbt-pgtrickle.slug"]


def test_the_password_is_in_env_only_not_in_docker_inspect_nor_the_process_list(
    daemon: docker.DockerClient, boxed_running: Workspace
) -> None:
    password = boxed_running.env()["PGPASSWORD"]
    assert len(password) >= 24
    assert stat.S_IMODE((boxed_running.root / ".env").stat().st_mode) == 0o600
    assert password not in str(container(daemon, boxed_running).attrs)
    assert password not in str(container(daemon, boxed_running).image.history())
    for process in psutil.process_iter(["cmdline"]):
        assert password not in " ".join(process.info["cmdline"] or [])
    assert password not in boxed_running.invoke("logs", "--lines", "1000")


def test_the_server_has_the_safe_settings_of_the_presets(boxed_running: Workspace) -> None:
    assert boxed_running.query(
        "select current_setting('max_worker_processes') as workers,"
        " current_setting('pg_trickle.compact_threshold') as threshold"
    ) == [{"workers": "32", "threshold": "0"}]


def test_doctor_looks_into_the_container_and_finds_it_as_the_engine_set_it_up(
    boxed_running: Workspace,
) -> None:
    boxed_running.write_profiles()
    output = boxed_running.invoke("doctor")
    for told in ("docker (invoke.yaml says so)", f"{boxed_running.port}: ours", "the volume "):
        assert told in output
    assert "as this version needs them" in output
    assert "connects, schema analytics" in output


def test_psql_runs_inside_the_container_with_arguments_input_and_exit_status(
    boxed_running: Workspace,
) -> None:
    ask = "select current_database() || ' ' || host(inet_server_addr()) || ' ' || 'a b'"
    assert boxed_running.invoke("psql", "--", "-Atc", ask) == "shop 127.0.0.1 a b\n"
    with boxed_running.popen("psql", "--", "-At", stdin=subprocess.PIPE) as process:
        output = process.communicate("select 'piped ä';\n" * 3, timeout=60)[0]
    assert output == "piped ä\n" * 3
    assert "division by zero" in boxed_running.invoke("psql", "--", "-c", "select 1/0", status=1)


def test_psql_on_a_terminal_is_interactive_and_leaves_the_terminal_as_it_was(
    boxed_running: Workspace,
) -> None:
    terminal, end = pty.openpty()
    before = subprocess.check_output(["stty", "-a"], stdin=end, text=True)
    with boxed_running.popen("psql", stdin=end, stdout=end) as process:
        seen = shown_until(terminal, "shop=>")
        os.write(terminal, b"select pg_sleep(60);\n")
        seen += shown_until(terminal, "60);")
        time.sleep(0.3)
        os.write(terminal, b"\x03")
        assert "canceling statement" in shown_until(terminal, "shop=>")
        os.write(terminal, b"select 6 * 7 as answer;\n")
        assert "42" in shown_until(terminal, "(1 row)")
        os.write(terminal, b"\\q\n")
        assert process.wait(20) == 0
    assert subprocess.check_output(["stty", "-a"], stdin=end, text=True) == before
    os.close(terminal)
    os.close(end)


def test_logs_show_the_end_and_follow_until_ctrl_c(boxed_running: Workspace) -> None:
    lines = boxed_running.invoke("logs", "--lines", "2").splitlines()
    assert len([line for line in lines if line]) == 2
    with boxed_running.popen("logs", "--follow", "--lines", "0", start_new_session=True) as process:
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        seen, deadline = b"", time.monotonic() + 20
        while b"follow me" not in seen and time.monotonic() < deadline:
            boxed_running.query("do $$ begin raise log 'follow me'; end $$")
            time.sleep(0.1)
            with contextlib.suppress(BlockingIOError):
                seen += os.read(process.stdout.fileno(), 65536)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    assert b"follow me" in seen


def test_two_projects_of_one_slug_live_side_by_side_and_only_ones_own_goes(
    boxed_running: Workspace, place: Path, image: str
) -> None:
    boxed_running.query("create table if not exists only_here (x int)")
    with in_docker(place / "twin", image) as twin:
        twin.invoke("up")
        assert twin.query("select to_regclass('only_here') as found") == [{"found": None}]
        twin.invoke("down", "--volumes", "--yes")
    assert boxed_running.query("select count(*) as n from only_here") == [{"n": 0}]


def test_down_keeps_the_volume_and_up_starts_the_same_container(
    daemon: docker.DockerClient, boxed: Workspace
) -> None:
    boxed.invoke("up")
    boxed.query("create table kept as select 42 as answer")
    former = container(daemon, boxed).id
    output = boxed.invoke("down")
    assert "stopped the container" in output
    assert f"The data stay in the volume {container(daemon, boxed).name}" in output
    assert "not running" in boxed.invoke("status")
    assert "doesn't run" in boxed.invoke("psql", "--", "-c", "select 1", status=1)
    boxed.invoke("up")
    assert container(daemon, boxed).id == former
    assert boxed.query("select answer from kept") == [{"answer": 42}]
    output = boxed.invoke("down", "--volumes", "--yes")
    assert "removed the container" in output
    assert "deleted the volume" in output
    assert (containers(daemon, boxed), volumes(daemon, boxed)) == ([], [])
    assert "nothing to stop" in boxed.invoke("down")


def test_changed_settings_and_port_make_another_container_on_the_same_volume(
    daemon: docker.DockerClient, boxed: Workspace, image: str
) -> None:
    boxed.invoke("up")
    boxed.query("create table kept as select 42 as answer")
    former = container(daemon, boxed).id
    boxed.configure(
        port=boxed.port + 1,
        docker={"memory": "512m", "shm_size": "128m"},
        postgres={"work_mem": "7MB", "jit": False},
    )
    assert "its volume stays" in boxed.invoke("up")
    assert boxed.query(
        "select answer, current_setting('work_mem') as mem, current_setting('jit') as jit from kept"
    ) == [{"answer": 42, "mem": "7MB", "jit": "off"}]
    made = container(daemon, boxed)
    host = made.attrs["HostConfig"]
    assert (host["Memory"], host["ShmSize"]) == (512 * 2**20, 128 * 2**20)
    assert made.name.startswith("pgtrickle-shop-")
    assert made.id != former
    assert boxed.env()["PGPORT"] == str(boxed.port)
    daemon.images.get(image).tag("pgtrickle-test-other-image", "1")
    boxed.configure(image="pgtrickle-test-other-image:1")
    # another name for the same image is no other image
    assert "nothing was changed" in boxed.invoke("up")
    daemon.images.remove("pgtrickle-test-other-image:1")


def test_a_change_that_does_not_work_leaves_the_former_container_running(
    daemon: docker.DockerClient, boxed_running: Workspace
) -> None:
    boxed = boxed_running
    boxed.query("create table if not exists precious as select 42 as answer")
    former, env = container(daemon, boxed).id, boxed.env()
    boxed.configure(postgres={"shared_buffers": "much"})
    output = boxed.invoke("up", status=1)
    assert 'invalid value for parameter "shared_buffers": "much"' in output
    assert container(daemon, boxed).id == former
    boxed.configure(postgres={}, docker={"memory": "plenty"})
    assert "plenty" in boxed.invoke("up", status=1)
    boxed.configure(docker={"memroy": "1g"})
    assert "docker has no option 'memroy'" in boxed.invoke("up", status=2)
    boxed.configure(docker={})
    assert "nothing was changed" in boxed.invoke("up")
    assert (container(daemon, boxed).id, boxed.env()) == (former, env)
    assert boxed.query("select answer from precious") == [{"answer": 42}]


def test_a_lost_env_is_restored_from_the_container_and_the_role_gets_a_new_password(
    daemon: docker.DockerClient, boxed_running: Workspace
) -> None:
    env = boxed_running.root / ".env"
    former, kept = boxed_running.env(), env.read_text()
    env.unlink()
    boxed_running.invoke("up")
    # the container keeps the superuser's alone; the other may be known to nobody now
    restored = boxed_running.env()
    assert restored.pop("PGPASSWORD") != former.pop("PGPASSWORD")
    assert restored == former
    assert boxed_running.query("select current_user as me") == [{"me": "dbt"}]
    env.write_text("PGTRICKLE_SUPERUSER_PASSWORD=wrong\n")
    assert "refuses the password" in boxed_running.invoke("up", status=2)
    env.unlink()
    container(daemon, boxed_running).remove(force=True)
    assert "has no PGTRICKLE_SUPERUSER_PASSWORD" in boxed_running.invoke("up", status=1)
    env.write_text(kept)
    assert "made the container" in boxed_running.invoke("up")
    assert boxed_running.query("select current_user as me") == [{"me": "dbt"}]


def test_what_is_not_ours_is_never_touched(
    daemon: docker.DockerClient, boxed: Workspace, image: str
) -> None:
    name = project_name(boxed)
    volume = daemon.volumes.create(name)
    foreign = daemon.containers.create(image, name=name)
    try:
        for task in (["up"], ["down", "--volumes", "--yes"]):
            assert "that this project didn't make" in boxed.invoke(*task, status=1)
        foreign.reload()
    finally:
        foreign.remove(v=True)
        volume.remove()


@pytest.mark.long
def test_a_moved_project_is_told_where_its_data_are_and_finds_them_when_it_moves_back(
    boxed: Workspace, place: Path
) -> None:
    boxed.invoke("up")
    boxed.query("create table kept as select 42 as answer")
    boxed.invoke("down")
    home = boxed.root
    moved = Workspace(place / "moved", environment=boxed.environment)
    home.rename(moved.root)
    output = moved.invoke("up")
    assert f"of {home}, a folder that is no more" in output
    moved.invoke("down", "--volumes", "--yes")
    moved.root.rename(home)
    boxed.invoke("up")
    assert boxed.query("select answer from kept") == [{"answer": 42}]


def test_an_ordinary_user_who_may_use_docker_gets_all_of_it(
    place: Path, image: str, user: str | None
) -> None:
    with (
        leaving_daemon(place, "never asked for") as proxy,
        workspace(place / "shop", user, {"engine": "docker", "image": image}) as made,
    ):
        (place / "docker.sock").chmod(0o666)
        made.environment = {"DOCKER_HOST": proxy.address}
        assert "made the container" in made.invoke("up")
        assert (made.root / ".env").owner() == (user or psutil.Process().username())
        assert made.invoke("psql", "--", "-Atc", "select 1") == "1\n"
        assert "deleted the volume" in made.invoke("down", "--volumes", "--yes")


def test_auto_takes_docker_where_the_image_is_there_and_stays_with_it(
    boxed_running: Workspace,
) -> None:
    boxed_running.configure(engine="auto")
    assert "Why: auto: Docker answers and has the image" in boxed_running.invoke("up")
    settings = boxed_running.environment
    boxed_running.environment = {"DOCKER_HOST": NO_DOCKER}
    output = boxed_running.invoke("up", status=1)
    boxed_running.environment = settings
    boxed_running.configure(engine="docker")
    assert "No Docker daemon answers" in output
