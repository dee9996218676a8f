"""Killed, never started, half-deleted: the next call goes on, or says in one line what to type."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tasklib.base.errors import UserError
from tasklib.pg_trickle_lite import worker
from tasklib.project.project import CHOICE_FILE, Project
from tasklib.tasks import drop, refresh
from tasklib.tasks.freshness import task as freshness
from tests.checks.remedies import give_tasks
from tests.checks.shop import Shop, ask_freshness, until
from tests.support.postgres import ROOT
from tests.support.workspace import Workspace, workspace

# ends as SIGKILL would, in the middle of writing
KILLED = """
import os, sys
from pathlib import Path
from tasklib.engines import choice
from tasklib.project.project import find_project
whole = Path.write_text
def half(self, text, **options):
    whole(self, text[: len(text) // 2], **options)
    os._exit(9)
Path.write_text = half
project = find_project(Path(sys.argv[1]))
choice.remember(project, choice.Choice("docker", "because", "auto"))
"""


# ends right before the new data would get their name
KILLED_UP = """
import os
from pathlib import Path
from tasklib import engines
from tasklib.project.project import find_project
Path.rename = lambda *_: os._exit(9)
engines.up(find_project(Path.cwd()))
"""


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Workspace]:
    with workspace(tmp_path / "shop", settings={"engine": "embedded"}) as made:
        yield made


def test_a_project_that_was_never_started_takes_no_server_from_the_shell(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in shop.database.env.items():
        monkeypatch.setenv(name, value)
    never = Project(tmp_path, "shop", "analytics", "embedded", 18432, "latest", "shop")
    (tmp_path / "dbt_project.yml").write_text("name: shop\n")
    for task in (
        lambda: drop.drop_all(never, force=True, yes=True),
        lambda: freshness.check(never),
    ):
        with pytest.raises(UserError, match="No server is known") as raised:
            task()
        assert "invoke up" in raised.value.remedy
    assert not [name for name in never.environment() if name in shop.database.env]
    assert shop.database.value("select count(*) from pgtrickle.pgt_stream_tables") == 1


def test_what_destroys_asks_with_server_and_database(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("builtins.input", lambda question: asked.append(question) or "n")
    with pytest.raises(UserError, match="Nothing was dropped"):
        drop.drop_all(shop.project, force=True)
    parameters = shop.database.params
    assert f"{parameters['host']}:{parameters['port']}/{parameters['dbname']}" in asked[0]


def test_a_deletion_that_was_killed_leaves_no_data_that_look_whole(project: Workspace) -> None:
    project.invoke("up")
    data = (project.state / "data").resolve()
    # without its pid file the scheduler is found all the same
    (project.state / "scheduler.pid").unlink()
    assert "It ran already" in project.invoke("up")
    assert "stopped the scheduler" in project.invoke("down")
    # what a kill in the middle of the deletion leaves
    half = data.with_name(data.name + ".deleted")
    data.rename(half)
    (half / "global" / "pg_control").unlink()
    # and what one left before
    data.mkdir()
    (data / "base").mkdir()
    told = project.invoke("up", status=1)
    assert "not whole: PG_VERSION is missing" in told
    assert "Traceback" not in told
    project.invoke("down", "--volumes", "--yes")
    assert not half.exists()
    assert not data.exists()
    assert "made the data" in project.invoke("up")


def test_an_up_that_was_killed_before_its_data_got_their_name_is_begun_anew(
    project: Workspace,
) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_UP], cwd=project.root, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert killed.returncode == 9
    assert "made the data" in project.invoke("up")
    assert project.query("select current_user as me") == [{"me": "dbt"}]


def test_a_choice_that_cant_be_read_any_more_goes_by_the_data_that_are_there(
    project: Workspace,
) -> None:
    project.configure(engine="auto")
    project.invoke("up")
    (project.state / CHOICE_FILE).write_text('{"engine": "embed')
    assert "auto: its data are here" in project.invoke("up")
    assert project.remembered()["engine"] == "embedded"


def test_ctrl_c_ends_a_task_that_waits_for_the_database(shop: Shop) -> None:
    give_tasks(shop)
    with shop.database.connect(autocommit=False) as holder:
        holder.execute("lock table pgtrickle.pgt_stream_tables in access exclusive mode")
        waiting = (
            "select pid from pg_stat_activity where datname = current_database()"
            " and application_name = 'invoke' and wait_event_type = 'Lock'"
        )
        for task in (["freshness"], ["soak"], ["refresh", "totals"]):
            process = subprocess.Popen(
                [sys.executable, "-m", "invoke", *task], cwd=shop.project.root, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
            until(lambda: shop.database.query(waiting), "it doesn't wait", 60)
            process.send_signal(signal.SIGINT)
            told = process.communicate(timeout=5)[0]
            assert process.returncode not in {0, None}, task
            assert "Traceback" not in told, (task, told)
            until(lambda: not shop.database.query(waiting), "it still waits", 20)


def test_the_engines_choice_is_whole_or_as_it_was(project: Workspace) -> None:
    project.state.mkdir(exist_ok=True)
    file = project.state / CHOICE_FILE
    before = json.dumps({"engine": "embedded", "reason": "x", "configured": "auto"})
    file.write_text(before)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(project.root)], cwd=ROOT, check=False
    )
    assert killed.returncode == 9
    assert file.read_text() == before


def test_a_time_in_the_future_is_no_freshness_and_schedules_go_on_from_now(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.age("last_refresh_at", "-3 days")
    row = ask_freshness(shop, capsys, "totals").row("analytics.totals")
    assert (row["verdict"], row["reason"]) == ("error", "ahead")
    (active,) = shop.database.query(worker._ACTIVE)
    assert worker._is_due(active)
    assert row["remedy"] == "invoke refresh totals"
    assert refresh.refresh(shop.project, ["totals"]) == 0
    capsys.readouterr()
    assert ask_freshness(shop, capsys, "totals").row("analytics.totals")["verdict"] == "ok"
