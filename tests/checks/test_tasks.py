"""The checks as invoke tasks: words, exit statuses, what is printed where."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.checks.remedies import give_tasks
from tests.checks.shop import Shop
from tests.support.postgres import ROOT
from tests.support.terminal import shown_until, shown_until_end
from tests.support.warm import programs


@pytest.fixture
def project(shop: Shop) -> Shop:
    """The shop's project with the tasks in it."""
    give_tasks(shop)
    return shop


def invoke(shop: Shop, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(programs() / "invoke"), *words],
        cwd=shop.project.root, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_exit_statuses_are_0_for_good_1_for_a_problem_2_for_no_verdict(project: Shop) -> None:
    project.create()
    assert invoke(project, "cdc-health").returncode == 0
    project.alter(status="SUSPENDED")
    problem = invoke(project, "freshness")
    assert (problem.returncode, problem.stderr) == (1, "")
    assert "analytics.totals" in problem.stdout
    (project.project.root / ".env").write_text("PGHOST=127.0.0.1\nPGPORT=1\nPGUSER=nobody\n")
    unknown = invoke(project, "freshness")
    assert unknown.returncode == 2
    assert "invoke up" in unknown.stderr
    assert "Traceback" not in unknown.stderr


def test_models_are_plain_words_with_options_before_and_after(project: Shop) -> None:
    project.create()
    project.create("select id from shop.orders", "analytics.other")
    done = invoke(project, "verify", "totals", "analytics.other", "--json")
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)["results"]
    assert {row["subject"] for row in answers} == {"analytics.totals", "analytics.other"}
    done = invoke(project, "refresh", "--only", "totals,analytics.other", "--json")
    assert {row["outcome"] for row in json.loads(done.stdout)["results"]} == {"refreshed"}
    done = invoke(project, "history", "totals", "--json")
    refreshes = json.loads(done.stdout)["results"]
    assert {row["subject"] for row in refreshes} == {"analytics.totals"}
    assert invoke(project, "history", "tootals").returncode == 1


def test_json_stands_alone_on_standard_output_in_one_form(project: Shop) -> None:
    project.create()
    for words in (
        "advise", "cdc-health", "certify --match=union", "doctor", "freshness", "history",
        "refresh", "soak --rounds=1", "status", "verify",
    ):  # fmt: skip
        told = json.loads(invoke(project, *words.split(), "--json").stdout)
        assert {"check", "verdict", "notes", "results"} <= told.keys(), words
        assert told["check"] == words.split()[0]
        assert all("subject" in row for row in told["results"]), words
        judges_nothing = told["check"] in {"certify", "history", "status"}
        assert told["verdict"] in ([None] if judges_nothing else ["ok", "warn", "error"]), words


def test_status_shows_a_fallback_to_full(project: Shop) -> None:
    project.create(refresh_mode="FULL")
    manifest = project.project.root / "target" / "manifest.json"
    asked = manifest.read_text().replace('"materialized": "stream_table"', (
        '"materialized": "stream_table", "refresh_mode": "AUTO"'
    ))  # fmt: skip
    manifest.write_text(asked)
    shown = invoke(project, "status")
    assert "full (fallback)" in shown.stdout
    assert "external" in shown.stdout


def test_drop_all_asks_and_without_an_answer_drops_nothing(project: Shop) -> None:
    project.create()
    refused = invoke(project, "drop-all")
    assert refused.returncode == 1
    assert project.field("status") == "ACTIVE"
    assert invoke(project, "drop-all", "--force", "--yes").returncode == 0
    assert project.database.value("select count(*) from pgtrickle.pgt_stream_tables") == 0


def test_wait_names_what_it_waited_for(project: Shop) -> None:
    project.create()
    assert "analytics.totals is populated" in invoke(project, "wait", "totals").stdout


def test_the_pages_show_only_tasks_that_exist(project: Shop) -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
    texts = [page.read_text() for page in pages]
    shown = {
        name
        for text in texts
        for name in re.findall(r"(?:\$ |`|\n    )invoke ([a-z][a-z-]+)", text)
    }
    listed = json.loads(invoke(project, "--list", "--list-format=json").stdout)["tasks"]
    assert len(shown) > 8
    assert shown <= {task["name"] for task in listed}


def test_watch_shows_the_table_anew_in_place_until_ctrl_c_and_leaves_the_terminal_as_it_was(
    project: Shop,
) -> None:
    project.create()
    for number in range(20):
        project.create("select id from shop.orders", f"analytics.another_one_{number:02}")
    terminal, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    before = termios.tcgetattr(theirs)
    watch = subprocess.Popen(
        [str(Path(sys.executable).with_name("invoke")), "watch", "--all", "--interval", "0.3"],
        cwd=project.project.root, stdin=theirs, stdout=theirs, stderr=theirs,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "TERM": "xterm"},
        start_new_session=True,
    )  # fmt: skip
    try:
        shown_until(terminal, "analytics.another_one_00")
        project.alter(status="SUSPENDED")
        again = shown_until(terminal, "suspended")
        frames = (again + shown_until(terminal, "suspended")).split("\x1b[1A")
        latest = next(frame for frame in reversed(frames) if "more: invoke status" in frame)
        assert re.search(r"shop  \d\d:\d\d:\d\d  every 0.3 s", latest)
        assert latest.count("\n") < 24
        assert "analytics.another_one_00" in latest
        os.killpg(watch.pid, signal.SIGINT)
        assert watch.wait(20) == 0
        assert termios.tcgetattr(theirs) == before
        os.close(theirs)
        rest = shown_until_end(terminal)
        assert "\x1b[?25h" in rest
        assert "Traceback" not in rest
    finally:
        watch.kill()
        watch.wait()
        os.close(terminal)
