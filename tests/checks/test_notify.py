"""`invoke freshness --notify`: a webhook hears of each change of verdict once."""

from __future__ import annotations

import http.server
import json
import subprocess
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tasklib.base import env_file
from tasklib.base.errors import UserError
from tasklib.tasks.freshness import notify
from tasklib.tasks.freshness import task as freshness
from tasklib.tasks.freshness.notify import VARIABLE, Notifier
from tests.checks.remedies import give_tasks
from tests.checks.shop import Shop
from tests.support.warm import programs

Capsys = pytest.CaptureFixture[str]


class Hook(http.server.HTTPServer):
    """A webhook on loopback that writes down what it was told, and refuses on request."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.told: list[dict[str, Any]] = []
        self.answers: list[int] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/services/secret"


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers with the next of the hook's answers, else 200; what is refused was not heard."""

    server: Hook

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = self.server.answers.pop(0) if self.server.answers else 200
        if status == 200:
            self.server.told.append(body)
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    """A webhook; between two tries nobody waits."""
    monkeypatch.setattr(notify, "BACKOFF", 0)
    with Hook() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def check(shop: Shop, hook: Hook, *models: str, form: str = "slack") -> int:
    """Check as the task does; give the exit status."""
    notifier = Notifier(shop.project, hook.url, form)
    return freshness.check(shop.project, models, notifier=notifier)


def test_each_change_is_told_once_and_so_is_its_end(scheduled: Shop, hook: Hook) -> None:
    scheduled.create()
    assert check(scheduled, hook) == 0
    assert hook.told == []
    scheduled.alter(status="SUSPENDED")
    assert check(scheduled, hook) == check(scheduled, hook) == 1
    (told,) = hook.told
    assert list(told) == ["text"]
    assert told["text"].startswith("*shop*: stream tables\n✗ error: analytics.totals: ")
    assert "→ invoke resume totals" in told["text"]
    scheduled.alter(status="ACTIVE")
    assert check(scheduled, hook) == check(scheduled, hook) == 0
    assert [one["text"].splitlines()[1] for one in hook.told[1:]] == [
        "✓ ok: analytics.totals: was error"
    ]


def test_a_program_is_told_every_field(scheduled: Shop, hook: Hook) -> None:
    scheduled.create()
    scheduled.alter(status="SUSPENDED")
    check(scheduled, hook, form="json")
    (told,) = hook.told
    (change,) = told["changes"]
    assert (told["project"], change["subject"]) == ("shop", "analytics.totals")
    assert (change["before"], change["verdict"]) == ("ok", "error")
    assert change["cause"] and change["remedy"] and told["text"]


def test_what_was_not_heard_is_told_again_and_the_verdict_stands(
    scheduled: Shop, hook: Hook, capsys: Capsys
) -> None:
    scheduled.create()
    scheduled.alter(status="SUSPENDED")
    hook.answers = [503, 429]
    assert check(scheduled, hook) == 1
    assert len(hook.told) == 1
    scheduled.alter(status="ACTIVE")
    hook.answers = [503] * notify.TRIES
    assert check(scheduled, hook) == 0
    assert len(hook.told) == 1
    error = capsys.readouterr().err
    assert "127.0.0.1 was not told (it answers 503)" in error and "secret" not in error
    hook.answers = [404]
    check(scheduled, hook)
    assert "it answers 404" in capsys.readouterr().err
    away = Notifier(scheduled.project, "http://127.0.0.1:1/services/secret")
    freshness.check(scheduled.project, notifier=away)
    error = capsys.readouterr().err
    assert "127.0.0.1 was not told (it can't be reached)" in error and "secret" not in error
    check(scheduled, hook)
    assert len(hook.told) == 2


def test_a_check_of_one_says_nothing_of_the_others(scheduled: Shop, hook: Hook) -> None:
    scheduled.create()
    scheduled.create("select id from shop.orders", "analytics.other")
    scheduled.alter(status="SUSPENDED")
    check(scheduled, hook)
    assert check(scheduled, hook, "analytics.other") == 0
    assert check(scheduled, hook) == 1
    assert len(hook.told) == 1
    scheduled.database.query("select pgtrickle.drop_stream_table('analytics.totals')")
    check(scheduled, hook)
    assert "analytics.totals" in hook.told[-1]["text"]


def test_a_check_that_gives_no_verdict_is_told_once_as_well(shop: Shop, hook: Hook) -> None:
    shop.create()
    env = shop.project.root / ".env"
    right = env.read_text()
    env.write_text("PGHOST=127.0.0.1\nPGPORT=1\n")
    for _ in range(2):
        with pytest.raises(UserError) as caught:
            check(shop, hook)
        assert caught.value.exit_code == 2
    (told,) = hook.told
    assert "✗ error: the check: The database at 127.0.0.1:1 can't be reached" in told["text"]
    env.write_text(right)
    check(shop, hook, "totals")
    assert "✓ ok: the check: it works again" in hook.told[-1]["text"]


def test_the_task_takes_the_url_from_env_where_none_is_said(shop: Shop, hook: Hook) -> None:
    shop.create()
    shop.alter(status="SUSPENDED")
    give_tasks(shop)
    env_file.update(shop.project.root / ".env", {VARIABLE: hook.url})
    done = subprocess.run(
        [programs() / "invoke", "freshness", "--notify", "--json"], cwd=shop.project.root,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, json.loads(done.stdout)["verdict"]) == (1, "error")
    assert "analytics.totals" in hook.told[0]["text"] and hook.url not in done.stdout + done.stderr


def test_the_url_may_stand_in_env(shop: Shop) -> None:
    with pytest.raises(UserError, match="nowhere to go") as caught:
        Notifier(shop.project)
    assert f"{VARIABLE}=https://" in caught.value.remedy
    env_file.update(shop.project.root / ".env", {VARIABLE: "https://hooks.example.com/x"})
    assert Notifier(shop.project).host == "hooks.example.com"
    for url, form in (("totals", "slack"), ("https://x.org", "xml")):
        with pytest.raises(UserError) as refused:
            Notifier(shop.project, url, form)
        assert refused.value.exit_code == 2
