"""What stands in the database only shows: in a terminal, on a page, in an error, in JSON."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from psycopg import sql
from rich.text import Text

from tasklib.base import display, logs
from tasklib.base.errors import UserError
from tasklib.base.plain import plain
from tasklib.engines.external import checks, wants
from tasklib.tasks import (
    cdc_health,
    drop,
    drop_schema,
    history,
    metrics,
    pause,
    prune,
    refresh,
    report,
    status,
    verify,
    wait,
)
from tasklib.tasks.advise import task as advise
from tasklib.tasks.deploy import task as deploy
from tasklib.tasks.deploy.terms import Terms
from tasklib.tasks.freshness import notify
from tasklib.tasks.freshness import task as freshness
from tasklib.tasks.plan import markdown as plan_markdown
from tasklib.tasks.rewrite.task import rewrite
from tasklib.tasks.soak import task as soak
from tests.checks.shop import Shop
from tests.support.dbt_project import make_project

Capsys = pytest.CaptureFixture[str]
FAKED = "✓ ok  all"
# clears the screen, turns the direction, is markup for rich and for a browser, and a line by itself
HOSTILE = f"e\x1b[2J\x9b1m\u202e[/x]<b>\n{FAKED}"
ACTING = ("\x1b", "\x9b", "\u202e")
NAMED = f"analytics.{HOSTILE}"

TASKS: dict[str, Callable[[Shop], object]] = {
    "freshness": lambda shop: freshness.check(shop.project, everything=True),
    "freshness NAME": lambda shop: freshness.check(shop.project, [HOSTILE]),
    "cdc-health": lambda shop: cdc_health.check(shop.project, everything=True),
    "history": lambda shop: history.show(shop.project, everything=True),
    "history NAME": lambda shop: history.show(shop.project, [HOSTILE]),
    "status": lambda shop: status.show(shop.project, everything=True),
    "doctor": lambda shop: list(checks.examine(shop.project.environment(), wants.of(shop.project))),
    "verify": lambda shop: verify.verify(shop.project, everything=True),
    "verify --repair": lambda shop: verify.verify(
        shop.project, everything=True, repair=True, yes=True
    ),
    "soak": lambda shop: soak.soak(
        shop.project, [], soak.Plan(rounds=1, sample=2, timeout=2), everything=True
    ),
    "advise": lambda shop: advise.advise(shop.project, [NAMED], measure=True),
    "refresh": lambda shop: refresh.refresh(shop.project, [NAMED, "analytics.failing"]),
    "pause": lambda shop: pause.pause(shop.project, [NAMED]),
    "resume": lambda shop: pause.resume(shop.project, [NAMED]),
    "wait": lambda shop: wait.until_populated(shop.project, HOSTILE, 0.1),
    "drop-all --schema": lambda shop: drop_schema.drop_schema(shop.project, HOSTILE, yes=True),
    "prune": lambda shop: prune.prune(shop.project, yes=True),
    "deploy --dry-run": lambda shop: deploy.deploy(shop.project, terms=Terms(), dry_run=True),
    "deploy --select NAME": lambda shop: deploy.deploy(
        shop.project, ["--select", HOSTILE], terms=Terms(), dry_run=True
    ),
    "rewrite NAME": lambda shop: rewrite(shop.project, [NAMED]),
    "drop NAME": lambda shop: drop.drop(shop.project, [HOSTILE], yes=True),
    "drop": lambda shop: drop.drop(shop.project, [NAMED], yes=True),
    "drop-all": lambda shop: drop.drop_all(shop.project, force=True, yes=True),
}


@pytest.fixture
def hostile(shop: Shop) -> Shop:
    """A shop where a stream table, a source and an error are called so."""
    shop.create(
        "select id, 1 / (amount - 7) as odd from shop.orders where id < 6", "analytics.failing"
    )
    shop.create("select id from shop.orders where id < 9", "analytics.renamed")
    with shop.database.connect() as connection:
        name = sql.Identifier(HOSTILE)
        connection.execute(sql.SQL("alter table shop.orders rename to {}").format(name))
        connection.execute(sql.SQL("update shop.{} set amount = 7").format(name))
        connection.execute(sql.SQL("alter table analytics.renamed rename to {}").format(name))
        connection.execute(sql.SQL("create schema {0} create table {0} (id int)").format(name))
        connection.execute(
            "update pgtrickle.pgt_stream_tables set last_error_message = %s, status = 'ERROR'"
            " where pgt_name = 'failing'",
            (HOSTILE,),
        )
    return shop


def test_a_hostile_name_does_nothing_but_show_in_any_task(hostile: Shop, capsys: Capsys) -> None:
    shown = 0
    for name, task in TASKS.items():
        try:
            task(hostile)
        except UserError as error:
            print(error)
        told = capsys.readouterr()
        text = told.out + told.err
        assert not [character for character in ACTING if character in text], name
        assert not [line for line in text.splitlines() if line.startswith(FAKED)], name
        shown += r"\x1b[2J\x9b1m\u202e[/x]<b>\n" in text
    assert shown > 10


def test_a_hostile_name_is_text_on_the_page(hostile: Shop) -> None:
    page = report.write(
        hostile.project, hostile.project.root / "r.html", everything=True
    ).read_text()
    assert r"e\x1b[2J\x9b1m\u202e[/x]&lt;b&gt;" in page
    assert "<b>" not in page
    assert not [character for character in ACTING if character in page]


def test_json_says_the_name_as_it_is_and_nothing_in_it_acts(hostile: Shop, capsys: Capsys) -> None:
    status.show(hostile.project, everything=True, as_json=True)
    text = capsys.readouterr().out
    assert not [character for character in ACTING if character in text]
    assert NAMED in [row["subject"] for row in json.loads(text)["results"]]


def test_metrics_say_it_as_a_label_that_is_one_line(hostile: Shop, capsys: Capsys) -> None:
    metrics.show(hostile.project, everything=True)
    told = capsys.readouterr().out
    assert not [character for character in ACTING if character in told]
    families = {family.name: family for family in text_string_to_metric_families(told)}
    named = [one.labels["stream_table"] for one in families["pgtrickle_stream_table_info"].samples]
    assert [name for name in named if name == plain(NAMED)] == [plain(NAMED)]


def test_progress_questions_and_logs_show_names_as_they_are(
    capsys: Capsys, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("builtins.input", lambda question: asked.append(question) or "n")
    assert not display.ask(f"Drop {HOSTILE}?")
    assert not [character for character in (*ACTING, "\n") if character in asked[0]]
    # one that is a terminal draws its bar and its colours
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm-256color")
    with display.progress_bar() as progress:
        progress.add_task(HOSTILE, total=1)
    display.console(stderr=True).print(Text(HOSTILE, "red"))
    assert r"\x1b[2J\x9b1m\u202e[/x]<b>" in terminal.getvalue()
    assert "\x1b[2J" not in terminal.getvalue()
    log = tmp_path / "log"  # type: ignore[operator]
    log.write_text(HOSTILE)
    out = io.StringIO()
    logs.show({"server": log}, lines=5, follow=False, out=out)
    assert not [character for character in ACTING if character in out.getvalue()]


def test_the_operations_of_dbt_show_it_as_it_is(hostile: Shop, tmp_path: Path) -> None:
    project = make_project(tmp_path / "dbt", hostile.database, {})
    project.artifacts = False
    for operation in ("pgtrickle_check_freshness", "pgtrickle_check_cdc_health"):
        everything = ("run-operation", operation, "--args", "everything: true")
        told = project.dbt(*everything, check=False).log
        assert not [character for character in ACTING if character in told], operation
        assert not [line for line in told.splitlines() if line.startswith(FAKED)], operation
        assert r"\u001b[2J\u009b1m\u202e[/x]<b>\n" in told, operation


def test_markdown_and_a_webhook_show_it_as_text() -> None:
    row = {
        "action": "replace", "relation": f"a`b|{HOSTILE}", "why": HOSTILE, "warnings": [],
        "refusal": None, "rows": 1, "seconds": None, "dependents": [HOSTILE],
        "blocks_readers": False, "asked": None, "mode": None, "trial": None, "way": "in place",
        "bytes": None,
    }  # fmt: skip
    page = plan_markdown.markdown({"summary": "1", "results": [row], "orphans": []})
    (line,) = [line for line in page.splitlines() if "replace" in line]
    change = {"subject": "<!channel>" + HOSTILE, "cause": HOSTILE, "remedy": HOSTILE}
    told = notify._sentence({**change, "verdict": "error", "before": "ok"})
    for text in (page, told):
        assert not [character for character in ACTING if character in text]
        assert not [one for one in text.splitlines() if one.startswith(FAKED)]
        assert "<b>" not in text.replace("`", "").split("[/x]")[0]
    assert line.startswith("| **replace** | `a'b&#124;e")
    assert "<!channel>" not in told
