"""What the checks say of a database that was restored from a dump, and what drop-all does there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tasklib.tasks.doctor import stream_tables
from tasklib.tasks.drop import drop_all
from tests.checks.remedies import carry_out, commands, give_tasks
from tests.checks.shop import Shop, ask_cdc_health, ask_freshness, ask_verify
from tests.support.postgres import Database, Server
from tests.support.restore import cloned, restored

Capsys = pytest.CaptureFixture[str]
OTHER = "others.stock"


def move(shop: Shop, database: Database) -> None:
    """Let the project reach another database."""
    env = "\n".join(f"{key}={value}" for key, value in database.env.items())
    (shop.project.root / ".env").write_text(f"{env}\n")


def fill(shop: Shop) -> None:
    """The model's stream table, and one that no model makes."""
    give_tasks(shop)
    shop.create()
    shop.database.execute(
        "create schema others; create table others.goods (id int primary key); "
        "insert into others.goods values (1)"
    )
    shop.create("select id from others.goods", OTHER)


@pytest.fixture
def moved(shop: Shop, server: Server, tmp_path: Path) -> Iterator[Shop]:
    """The shop in the database that its dump was restored into."""
    fill(shop)
    with restored(server, shop.database, tmp_path) as database:
        move(shop, database)
        yield Shop(database, shop.project)


def test_every_check_names_the_restore_and_its_remedies_cure(moved: Shop, capsys: Capsys) -> None:
    rows = {
        row["subject"]: row
        for ask in (ask_freshness, ask_cdc_health, ask_verify)
        for row in ask(moved, capsys, everything=True).document["results"]
        if row["subject"] != "scheduler"
    }
    assert set(rows) == {"analytics.totals", OTHER}
    for row in rows.values():
        assert (row["verdict"], row["reason"]) == ("error", "storage_gone")
        assert "a restored database" in row["cause"]
    (told,) = stream_tables.placed(moved.project)
    assert told.verdict == "error"
    assert f"the entries of analytics.totals, {OTHER} point at no table of their own" in told.cause
    assert "restored from a dump" in told.cause

    carry_out(moved, commands(told.remedy)[0])
    carry_out(moved, commands(rows[OTHER]["remedy"])[-1])
    (told,) = stream_tables.placed(moved.project)
    assert (told.verdict, told.cause) == ("ok", "1, each with a table of its own")
    assert ask_cdc_health(moved, capsys, everything=True).status == 0
    assert ask_verify(moved, capsys, everything=True).status == 0


def test_drop_all_drops_what_was_restored_and_nobody_elses(moved: Shop, capsys: Capsys) -> None:
    moved.database.execute("create table others.precious as select 7 as id")
    moved.database.execute(
        "update pgtrickle.pgt_stream_tables set pgt_relid = 'others.precious'::regclass "
        "where pgt_name = 'totals'"
    )
    drop_all(moved.project, force=True, yes=True)
    assert "Dropped 2 stream table(s)" in capsys.readouterr().out
    assert moved.database.query("select pgt_name from pgtrickle.pgt_stream_tables") == []
    assert moved.database.value("select to_regclass('analytics.totals')") is None
    assert moved.database.query("table others.precious") == [{"id": 7}]
    moved.database.execute("insert into shop.orders values (1000, 'x', 1)")


def test_a_clone_is_what_it_was(shop: Shop, server: Server, capsys: Capsys) -> None:
    fill(shop)
    with cloned(server, shop.database) as database:
        move(shop, database)
        copy = Shop(database, shop.project)
        assert [one.verdict for one in stream_tables.placed(copy.project)] == ["ok"]
        assert ask_cdc_health(copy, capsys, everything=True).status == 0
        database.execute("insert into shop.orders values (1000, 'x', 1)")
        database.query("select pgtrickle.refresh_stream_table('analytics.totals')")
        assert ask_verify(copy, capsys, everything=True).status == 0
