"""A server with a database for each project: a scheduler for each, and nobody sees the other's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tasklib.tasks import status
from tests.checks.shop import SCHEDULER, Shop, ask_freshness, model, open_shop, scheduler, until
from tests.support.postgres import Server

Capsys = pytest.CaptureFixture[str]
COUNTED = "select sum(orders) from analytics.totals"


@pytest.fixture
def shops(server: Server, tmp_path: Path) -> Iterator[list[Shop]]:
    """Two projects of the same name, whose stream tables have the same names, on one server."""
    with ExitStack() as stack:
        made = []
        for name in ("ours", "theirs"):
            database = stack.enter_context(server.database())
            shop = open_shop(model(", schedule='1s'"), tmp_path / name, database)
            stack.enter_context(scheduler(database))
            shop.create(schedule="1s")
            made.append(shop)
        yield made


def test_each_database_has_a_scheduler_of_its_own_that_keeps_its_projects_stream_tables(
    shops: list[Shop], capsys: Capsys
) -> None:
    ours, theirs = shops
    assert [shop.database.value(SCHEDULER) for shop in shops] == [1, 1]
    ours.database.execute("insert into shop.orders values (1000, 'new', 5)")
    until(lambda: ours.database.value(COUNTED) == 31, "it isn't refreshed")
    theirs.database.execute("delete from shop.orders where id > 10")
    until(lambda: theirs.database.value(COUNTED) == 10, "it isn't refreshed")
    assert ours.database.value(COUNTED) == 31

    theirs.alter(status="SUSPENDED")
    for everything in (False, True):
        answers = [ask_freshness(shop, capsys, everything=everything) for shop in shops]
        assert [answer.status for answer in answers] == [0, 1]
        assert [len(answer.document["results"]) for answer in answers] == [1, 1]
    status.show(ours.project, everything=True)
    assert capsys.readouterr().out.count("analytics.totals") == 1
