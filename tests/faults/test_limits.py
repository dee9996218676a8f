"""What comes from outside has its limits: a silent server, a catalog that somebody has locked."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from tasklib.base.errors import UserError
from tasklib.catalog import queries
from tasklib.engines.external import checks, wants
from tasklib.tasks import cdc_health, history, status
from tasklib.tasks.freshness import task as freshness
from tests.checks.shop import Shop

CHECKS: dict[str, Callable[[Shop], object]] = {
    "freshness": lambda shop: freshness.check(shop.project),
    "status": lambda shop: status.show(shop.project),
    "cdc-health": lambda shop: cdc_health.check(shop.project),
    "history": lambda shop: history.show(shop.project),
}


@contextlib.contextmanager
def silent() -> Iterator[int]:
    """The port of a server that takes connections, and never says a word."""
    kept: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take() -> None:
            with contextlib.suppress(OSError):
                while True:
                    kept.append(server.accept()[0])

        threading.Thread(target=take, daemon=True).start()
        yield server.getsockname()[1]
    for one in kept:
        one.close()


def test_a_server_that_takes_connections_and_is_silent_is_told(shop: Shop) -> None:
    with silent() as port:
        (shop.project.root / ".env").write_text(
            f"PGHOST=127.0.0.1\nPGPORT={port}\nPGUSER=a\nPGPASSWORD=b\nPGDATABASE=c\n"
        )
        started = time.monotonic()
        with pytest.raises(UserError, match=r"can't be reached: .*timeout") as raised:
            freshness.check(shop.project)
        (found,) = checks.examine(shop.project.environment(), wants.of(shop.project))
        assert time.monotonic() - started < 25
    assert raised.value.exit_code == 2
    assert (found.subject, found.verdict) == ("reachable", "error")


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_of_a_locked_catalog_ends_and_tells_who_holds_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    assert re.fullmatch(r"set local lock_timeout = '\d+s'", queries.PATIENCE)
    monkeypatch.setattr(queries, "PATIENCE", "set local lock_timeout = '200ms'")
    with shop.database.connect(autocommit=False) as holder:
        process = holder.info.backend_pid
        holder.execute("lock table pgtrickle.pgt_stream_tables in access exclusive mode")
        with pytest.raises(UserError) as raised:
            CHECKS[name](shop)
    assert f"process {process}" in raised.value.cause
    assert raised.value.exit_code == 2
    CHECKS[name](shop)
