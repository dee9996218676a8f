"""Whatever ended badly, the next `invoke up` repairs, with all committed data there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from tasklib.base.process import ended
from tests.support.workspace import Workspace


def kill(process: psutil.Process) -> None:
    """kill -9, and wait until it is gone."""
    process.kill()
    psutil.wait_procs([process], timeout=10)


def test_a_killed_server_is_started_again_with_its_data(project: Workspace) -> None:
    project.invoke("up")
    project.query("create table kept as select 42 as answer")
    scheduler = project.scheduler().pid
    kill(project.server())
    assert "not running" in project.invoke("status")
    assert "stale postmaster.pid" in project.invoke("up")
    assert project.query("select answer from kept") == [{"answer": 42}]
    assert project.scheduler().pid == scheduler


def test_children_that_outlive_a_killed_server_are_ended_first(project: Workspace) -> None:
    project.invoke("up")
    server = project.server()
    children = server.children(recursive=True)
    for child in children:
        child.suspend()
    kill(server)
    survivor = children[0]
    try:
        assert "what a killed server had left running" in project.invoke("up")
    finally:
        for child in psutil.wait_procs(children, timeout=1)[1]:
            child.kill()
    assert ended(survivor)
    assert project.query("select 1 as one") == [{"one": 1}]


def test_a_pid_file_whose_pid_another_program_has_now_is_recognised(project: Workspace) -> None:
    project.invoke("up")
    project.invoke("down")
    stale = project.state / "data" / "postmaster.pid"
    lines = [str(os.getpid()), str(stale.parent), "0", "5432", "", "localhost", "0", "ready"]
    stale.write_text("\n".join(lines) + "\n")
    (project.state / "scheduler.pid").write_text(str(os.getpid()))
    assert "not running" in project.invoke("status")
    output = project.invoke("up")
    assert "stale postmaster.pid" in output
    assert "started the scheduler" in output


def test_a_dead_scheduler_is_started_again(project: Workspace) -> None:
    project.invoke("up")
    server = project.server().pid
    former = project.scheduler()
    for process in former.children():
        process.suspend()
    kill(former)
    assert "the scheduler doesn't run" in project.invoke("status")
    assert "started the scheduler" in project.invoke("up")
    assert project.scheduler().pid != former.pid
    assert project.scheduler().children(), "the scheduler has a worker"
    assert project.server().pid == server


def test_two_ups_at_once_give_one_server(project: Workspace) -> None:
    with project.popen("up") as first, project.popen("up") as second:
        outputs = [first.communicate(timeout=60)[0], second.communicate(timeout=60)[0]]
    assert (first.returncode, second.returncode) == (0, 0), outputs
    assert sum("started PostgreSQL" in output for output in outputs) == 1
    assert sum("nothing was changed" in output for output in outputs) == 1
    command = str(project.state / "data")
    servers = [p for p in psutil.process_iter(["cmdline"]) if command in (p.info["cmdline"] or [])]
    assert len(servers) == 1


@pytest.mark.parametrize("seconds", [0.3, 0.7, 1.0, 1.3])
@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGKILL])
def test_up_that_is_interrupted_anywhere_is_completed_by_the_next(
    project: Workspace, seconds: float, kind: signal.Signals
) -> None:
    with project.popen("up", start_new_session=True) as process:
        time.sleep(seconds)
        os.killpg(process.pid, kind)
        process.communicate(timeout=60)
    project.invoke("up")
    assert project.query("select 1 as one") == [{"one": 1}]
    assert project.scheduler().is_running()
    assert "nothing was changed" in project.invoke("up")


def test_the_server_survives_ctrl_c_in_the_terminal_that_started_it(project: Workspace) -> None:
    with project.popen("up", start_new_session=True) as process:
        process.communicate(timeout=60)
    server, scheduler = project.server(), project.scheduler()
    assert os.getpgid(server.pid) != process.pid
    assert os.getpgid(scheduler.pid) != process.pid


def test_another_database_in_the_settings_moves_the_scheduler_there(project: Workspace) -> None:
    project.invoke("up")
    former = project.scheduler().pid
    project.configure(database='o"ther')
    output = project.invoke("up")
    assert 'created the database o"ther' in output
    assert project.scheduler().pid != former
    assert project.query("select current_database() as name") == [{"name": 'o"ther'}]


def test_a_server_of_another_program_is_never_stopped(project: Workspace) -> None:
    project.invoke("up")
    project.invoke("down")
    sleeper = [sys.executable, "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(sleeper) as bystander:
        stale = project.state / "data" / "postmaster.pid"
        stale.write_text(f"{bystander.pid}\n{stale.parent}\n0\n{project.port}\n")
        (project.state / "scheduler.pid").write_text(str(bystander.pid))
        assert "nothing to stop" in project.invoke("down")
        assert bystander.poll() is None
        bystander.kill()
