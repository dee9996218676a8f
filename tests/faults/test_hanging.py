"""A scheduler that runs and does nothing is no health."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tasklib.catalog.queries import fetch
from tasklib.catalog.rows import Scheduler
from tasklib.engines.external import checks, wants
from tasklib.pg_trickle_lite.heartbeat import SPACE
from tasklib.tasks import metrics
from tests.checks.shop import Shop, ask_freshness, until
from tests.checks.shop import scheduler as at_work
from tests.support.workspace import workspace

Capsys = pytest.CaptureFixture[str]


@pytest.fixture
def stand_in(shop: Shop) -> Shop:
    """The shop on the stand-in: pg_trickle's own scheduler gives no sign of life."""
    if shop.database.extension != "pg_trickle_lite":
        pytest.skip("pg_trickle's own gives no sign of life")
    return shop


@contextmanager
def scheduler(shop: Shop, *, last_sign: int | None, working: bool = False) -> Iterator[None]:
    """A session that looks like a scheduler's, whose last sign of life is so many seconds old."""
    name = "pg_trickle_scheduler" if last_sign is None else "pg_trickle_lite scheduler"
    with shop.database.connect(application_name=name) as session:
        if last_sign is not None:
            session.execute(
                "select pg_advisory_lock(%s, extract(epoch from now())::int - %s)",
                (SPACE, last_sign),
            )
        if working:
            session.execute("begin")
        yield


def judged(shop: Shop, capsys: Capsys) -> dict[str, str]:
    """freshness's reasons by subject."""
    answer = ask_freshness(shop, capsys)
    return {row["subject"]: row["reason"] for row in answer.document["results"]}


@pytest.mark.parametrize("seconds", [40, -40])
def test_a_scheduler_without_a_sign_of_life_is_told(
    stand_in: Shop, capsys: Capsys, seconds: int
) -> None:
    shop = stand_in
    with scheduler(shop, last_sign=seconds):
        assert judged(shop, capsys)["scheduler"] == "stuck_scheduler"
        found = checks.examine(shop.project.environment(), wants.of(shop.project))
        (told,) = (one for one in found if one.subject == "scheduler")
        assert told.verdict == "error"
        assert "hangs" in told.cause
        up = [one.value for one in metrics._read(shop.project, False) if one.name == "scheduler_up"]
        assert up == [0]


def test_a_scheduler_with_one_or_with_a_long_refresh_under_way_is_fine(
    stand_in: Shop, capsys: Capsys
) -> None:
    for seconds, working in ((3, False), (400, True)):
        with scheduler(stand_in, last_sign=seconds, working=working):
            assert "scheduler" not in judged(stand_in, capsys)


def test_the_stand_ins_scheduler_gives_them(stand_in: Shop) -> None:
    given = (
        "select objid::bigint as number from pg_locks where locktype = 'advisory'"
        f" and classid = {SPACE}"
    )
    seen: set[int] = set()

    def twice() -> bool:
        seen.update(row["number"] for row in stand_in.database.query(given))
        return len(seen) > 1

    with at_work(stand_in.database):
        until(twice, "it gives none")
        with stand_in.database.connect() as connection:
            assert not fetch(connection, Scheduler)[0]["hangs"]


@pytest.mark.long
def test_one_that_refreshes_nothing_of_what_is_due_is_told_without_a_sign_of_life_too(
    shop: Shop, capsys: Capsys
) -> None:
    shop.alter(schedule="2s")
    started = "select now() - pg_postmaster_start_time() > interval '61 s'"
    while not shop.database.value(started):
        time.sleep(1)
    with scheduler(shop, last_sign=None):
        assert "scheduler" not in judged(shop, capsys)
        shop.age("last_refresh_at", "70 s")
        assert judged(shop, capsys)["scheduler"] == "stuck_scheduler"


@pytest.mark.long
def test_a_stopped_worker_is_told_and_the_remedy_cures(tmp_path: Path) -> None:
    settings = {"engine": "embedded", "extension": "pg_trickle_lite"}
    with workspace(tmp_path / "shop", settings=settings) as project:
        project.invoke("up")
        project.query("create table public.t (id int); create schema analytics")
        project.query(
            "select pgtrickle.create_stream_table('analytics.s', 'select id from public.t', '1d')"
        )
        connected = "select pid from pg_stat_activity where application_name ~ 'lite scheduler'"
        until(lambda: project.query(connected), "the worker doesn't connect")
        (worker,) = project.scheduler().children()
        worker.send_signal(signal.SIGSTOP)
        time.sleep(32)
        found = json.loads(project.invoke("freshness", "--all", "--json", status=1))["results"]
        (told,) = (row for row in found if row["verdict"] == "error")
        assert told["reason"] == "stuck_scheduler", told
        assert "invoke down, then: invoke up" in told["remedy"]
        assert "the scheduler hangs" in project.invoke("status", "--all")
        project.invoke("down")
        assert not worker.is_running()
        project.invoke("up")
        assert "hangs" not in project.invoke("freshness", "--all")
