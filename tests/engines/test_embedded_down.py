"""What `invoke down` stops, keeps and deletes."""

from __future__ import annotations

import os
import pty

import psutil
import pytest

from tests.support.workspace import Workspace


def test_down_stops_server_and_scheduler_and_keeps_the_data(project: Workspace) -> None:
    project.invoke("up")
    project.query("create table kept as select 42 as answer")
    processes = [project.server(), project.scheduler()]
    output = project.invoke("down")
    assert "stopped PostgreSQL" in output
    assert "stopped the scheduler" in output
    assert "The data stay" in output
    assert not [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
    project.invoke("up")
    assert project.query("select answer from kept") == [{"answer": 42}]


def test_status_of_a_stopped_project_says_what_to_type(project: Workspace) -> None:
    assert "not running: run `invoke up`" in project.invoke("status")


def test_down_again_says_that_there_is_nothing_to_stop(project: Workspace) -> None:
    assert "nothing to stop" in project.invoke("down")


def test_down_volumes_with_yes_deletes_the_data_and_up_begins_anew(project: Workspace) -> None:
    project.invoke("up")
    project.query("create table gone (x int)")
    password = project.env()["PGPASSWORD"]
    assert "deleted the data" in project.invoke("down", "--volumes", "--yes")
    assert not (project.state / "data").exists()
    project.invoke("up")
    assert project.query("select to_regclass('gone') as found") == [{"found": None}]
    assert project.env()["PGPASSWORD"] == password


def test_down_volumes_deletes_nothing_where_nobody_can_answer(project: Workspace) -> None:
    project.invoke("up")
    output = project.invoke("down", "--volumes", status=1)
    assert "--yes" in output
    assert project.query("select 1 as one") == [{"one": 1}]


@pytest.mark.parametrize(("answer", "deleted"), [("n", False), ("", False), ("y", True)])
def test_down_volumes_asks_and_does_as_it_is_told(
    project: Workspace, answer: str, deleted: bool
) -> None:
    project.invoke("up")
    terminal, end = pty.openpty()
    with project.popen("down", "--volumes", stdin=end) as process:
        os.write(terminal, f"{answer}\n".encode())
        output = process.communicate(timeout=60)[0]
    os.close(terminal)
    os.close(end)
    assert "Delete all data" in output
    assert (project.state / "data").exists() is not deleted
    assert process.returncode == (0 if deleted else 1)
