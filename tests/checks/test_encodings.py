"""Tasks on terminals that know no Unicode, or but a part of it."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from tests.checks.remedies import give_tasks
from tests.checks.shop import Shop, spoil
from tests.support.warm import programs

NAMES = "update shop.orders set customer = 'größer ✓ ' || customer"


@pytest.fixture(params=["ascii", "cp1252"])
def encoding(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def ill(shop: Shop) -> Shop:
    """A stream table with names of every kind, paused, and one with wrong rows."""
    give_tasks(shop)
    shop.database.execute(NAMES)
    shop.create()
    spoil(shop, "update analytics.totals set orders = 77")
    return shop


def invoke(shop: Shop, encoding: str, *words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [str(programs() / "invoke"), *words], cwd=shop.project.root,
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, timeout=120, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def test_no_task_stumbles_over_a_character(ill: Shop, encoding: str) -> None:
    expected = {
        ("verify",): 1, ("freshness",): 1, ("cdc-health",): 0, ("status",): 0, ("history",): 0,
        ("advise",): 0, ("refresh",): 0, ("pause", "totals"): 0, ("resume", "totals"): 0,
        ("pause", "größer"): 2, ("report",): 0, ("drop", "totals"): 1, ("--list",): 0,
        ("watch", "--help"): 0, ("dbt", "--", "run", "--select", "totals"): 0,
    }  # fmt: skip
    for words, status in expected.items():
        done = invoke(ill, encoding, *words)
        told = done.stdout + done.stderr
        assert done.returncode == status, (words, told)
        assert b"Traceback" not in told, (words, told)
        assert b"Logging error" not in told, (words, told)
        told.decode(encoding)


def test_json_says_the_same_in_every_encoding(ill: Shop, encoding: str) -> None:
    answers = [
        json.loads(invoke(ill, name, "verify", "--json").stdout.decode(name))
        for name in (encoding, "utf-8")
    ]
    assert answers[0] == answers[1]
    assert "größer ✓" in answers[0]["results"][0]["extra"][0]["customer"]


def test_marks_keep_their_meaning_in_ascii(ill: Shop) -> None:
    shown = invoke(ill, "ascii", "verify").stdout.decode("ascii")
    assert "x error" in shown
    assert "> Rebuild it" in shown
    assert "gro?er +" in shown
