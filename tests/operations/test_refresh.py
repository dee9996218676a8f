"""Refreshing: upstream first, whatever happens to one of them."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

import pytest

from tasklib.tasks.refresh import refresh
from tests.operations.conftest import Chain
from tests.support.postgres import STAND_IN

Capsys = pytest.CaptureFixture[str]


def outcomes(chain: Chain, capsys: Capsys, *args: Any, **kwargs: Any) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    status = refresh(chain.project, *args, as_json=True, **kwargs)
    rows = json.loads(capsys.readouterr().out)["results"]
    return status, {row["subject"].split(".")[1]: row for row in rows}


def add_order(chain: Chain) -> None:
    chain.database.execute("insert into shop.orders values (1000, 'new', 5)")


@pytest.mark.quick
def test_a_refresh_carries_a_change_through_the_whole_chain(chain: Chain, capsys: Capsys) -> None:
    chain.create_all()
    add_order(chain)
    status, tables = outcomes(chain, capsys, ["summit"])
    assert status == 0
    assert list(tables) == ["totals", "spread", "summit"]
    assert {row["outcome"] for row in tables.values()} == {"refreshed"}
    assert (chain.count("totals"), chain.count("spread"), chain.count("summit")) == (4, 2, 2)


def test_the_operation_carries_a_change_through_the_whole_chain(chain: Chain) -> None:
    chain.create_all()
    add_order(chain)
    log = chain.operation("pgtrickle_refresh", model_name="summit")
    assert "refresh: 3 refreshed" in log
    assert (chain.count("totals"), chain.count("spread")) == (4, 2)
    assert chain.count("aside") == 30


def test_only_leaves_out_what_a_table_reads_from(chain: Chain, capsys: Capsys) -> None:
    chain.create_all()
    add_order(chain)
    status, tables = outcomes(chain, capsys, ["spread"], only=True)
    assert (status, list(tables)) == (0, ["spread"])
    assert chain.count("totals") == 3


def test_all_of_the_project_is_refreshed_in_whatever_schema(chain: Chain) -> None:
    chain.create_all()
    chain.create("select id from shop.orders", "analytics.not_of_dbt")
    add_order(chain)
    log = chain.operation("refresh_all_stream_tables")
    assert "refresh: 4 refreshed" in log
    assert "not_of_dbt" not in log
    assert (chain.count("totals"), chain.count("spread"), chain.count("aside")) == (4, 2, 31)


def test_a_schema_narrows_the_operation(chain: Chain) -> None:
    chain.create_all()
    log = chain.operation("refresh_all_stream_tables", schema="marts")
    assert "refreshed marts.spread" in log
    assert "summit" not in log
    assert "refreshed marts.spread" in chain.operation(
        "pgtrickle_refresh", model_name="spread", schema="marts"
    )
    chain.operation("pgtrickle_refresh", check=False, model_name="spread", schema="analytics")


def test_a_suspended_table_is_left_and_named(chain: Chain, capsys: Capsys) -> None:
    chain.create_all()
    chain.alter(status="SUSPENDED")
    add_order(chain)
    status, tables = outcomes(chain, capsys)
    assert (status, tables["totals"]["outcome"]) == (0, "suspended")
    assert chain.count("totals") == 3
    assert chain.field("status") == "SUSPENDED"
    assert "suspended analytics.totals" in chain.operation("refresh_all_stream_tables")


def break_totals(chain: Chain) -> None:
    """Make every refresh of totals fail."""
    chain.create_all()
    chain.database.execute("alter table analytics.totals add constraint few check (orders < 11)")
    chain.database.execute("insert into shop.orders values (1000, 'c0', 5)")


def test_a_failing_table_stops_what_reads_it_and_nothing_else(chain: Chain, capsys: Capsys) -> None:
    break_totals(chain)
    status, tables = outcomes(chain, capsys)
    assert status == 1
    assert {name: row["outcome"] for name, row in tables.items()} == {
        "totals": "failed", "spread": "blocked", "summit": "blocked", "aside": "refreshed",
    }  # fmt: skip
    assert "few" in tables["totals"]["cause"]
    assert "analytics.totals" in tables["spread"]["cause"]
    assert chain.count("aside") == 31


def test_the_operation_goes_on_after_a_failing_table_and_then_fails(chain: Chain) -> None:
    break_totals(chain)
    log = chain.operation("refresh_all_stream_tables", check=False)
    assert "refreshed analytics.aside" in log
    assert "blocked marts.spread: it reads analytics.totals" in log
    assert chain.count("aside") == 31


def test_unknown_and_missing_tables_are_errors(chain: Chain, capsys: Capsys) -> None:
    status, tables = outcomes(chain, capsys, ["summit"])
    assert (status, tables["summit"]["outcome"]) == (1, "failed")
    assert "not in the database" in tables["summit"]["cause"]
    assert refresh(chain.project, ["sumit"]) == 1
    assert "has this name" in capsys.readouterr().out
    chain.operation("pgtrickle_refresh", check=False, model_name="sumit")


def busy(chain: Chain) -> Any:
    """A session that refreshes totals and has not committed yet."""
    session = chain.database.connect(autocommit=False)
    session.execute("select pgtrickle.refresh_stream_table('analytics.totals')")
    return session


def test_a_refresh_that_gave_way_is_tried_again(chain: Chain, capsys: Capsys) -> None:
    chain.create_all()
    add_order(chain)
    session = busy(chain)
    released = threading.Timer(1.0, session.commit)
    released.start()
    try:
        status, tables = outcomes(chain, capsys, ["totals"])
    finally:
        released.join()
        session.close()
    assert (status, tables["totals"]["outcome"]) == (0, "refreshed")


def test_a_refresh_that_gives_way_to_the_end_counts_as_skipped(
    chain: Chain, capsys: Capsys
) -> None:
    chain.create_all()
    add_order(chain)
    session = busy(chain)
    try:
        status, tables = outcomes(chain, capsys, ["totals"], timeout=1)
        log = chain.operation("pgtrickle_refresh", check=False, model_name="totals")
    finally:
        session.rollback()
        session.close()
    assert (status, tables["totals"]["outcome"]) == (1, "skipped")
    assert "skipped analytics.totals" in log


def test_a_refresh_that_lost_a_deadlock_is_tried_again(chain: Chain, capsys: Capsys) -> None:
    """The other session waits longer before it looks for a deadlock, so the refresh loses."""
    chain.create_all()
    add_order(chain)
    name = chain.database.value("select current_database()")
    chain.database.execute(f"alter database {name} set deadlock_timeout = '3s'")
    with chain.database.connect(autocommit=False) as other:
        other.execute("set local deadlock_timeout = '60s'")
        other.execute("lock table analytics.totals in access exclusive mode")
        before = deadlocks(chain)

        def close_the_circle() -> None:
            waiting = "select count(*) from pg_locks where not granted"
            deadline = time.monotonic() + 30
            while not chain.database.value(waiting) and time.monotonic() < deadline:
                time.sleep(0.02)
            other.execute(
                "select from pgtrickle.pgt_stream_tables"
                " where pgt_relid = 'analytics.totals'::regclass for update"
            )
            other.rollback()

        session = threading.Thread(target=close_the_circle)
        session.start()
        status, tables = outcomes(chain, capsys, ["totals"])
        session.join()
    assert (status, tables["totals"]["outcome"]) == (0, "refreshed")
    assert deadlocks(chain) > before
    assert chain.count("totals") == 4


def deadlocks(chain: Chain) -> int:
    """How many the server has counted in this database, up to now."""
    return int(
        chain.database.value(
            "select pg_stat_get_db_deadlocks(oid) from pg_database"
            " where datname = current_database()"
        )
    )


def test_one_that_waits_for_a_writer_names_it_and_is_refreshed_afterwards(
    chain: Chain, capsys: Capsys
) -> None:
    if chain.database.extension == STAND_IN:
        pytest.skip("it recomputes, and waits for nobody")
    chain.create_all()
    chain.operation("pgtrickle_wait_for_writers")
    with chain.database.connect(autocommit=False) as writer:
        writer.execute("insert into shop.orders values (1000, 'late', 1)")
        status, rows = outcomes(chain, capsys, ["aside"])
        row = rows["aside"]
        assert status == 1
        assert f"process {writer.info.backend_pid}" in row["cause"]
        writer.commit()
    assert row["remedy"] == "Once that has committed or rolled back: invoke refresh analytics.aside"
    assert refresh(chain.project, ["aside"]) == 0
    assert chain.count("aside") == 31


def test_a_table_that_takes_too_long_is_ended(chain: Chain, capsys: Capsys) -> None:
    chain.create_all()
    add_order(chain)
    with chain.database.connect(autocommit=False) as other:
        other.execute("lock table analytics.totals in access exclusive mode")
        status, tables = outcomes(chain, capsys, timeout=3)
        other.rollback()
    assert status == 1
    assert tables["totals"]["outcome"] in {"failed", "skipped"}
    assert tables["aside"]["outcome"] == "refreshed"


def test_immediate_tables_are_left_alone_unless_asked_for(chain: Chain, capsys: Capsys) -> None:
    chain.create_all()
    chain.database.query("select pgtrickle.drop_stream_table('analytics.aside')")
    chain.create("select id, amount from shop.orders", "analytics.aside", refresh_mode="IMMEDIATE")
    _, tables = outcomes(chain, capsys)
    assert tables["aside"]["outcome"] == "current"
    _, tables = outcomes(chain, capsys, ["aside"])
    assert tables["aside"]["outcome"] == "refreshed"


@pytest.mark.parametrize("way", ["operation", "task"])
def test_a_refresh_that_only_asks_for_another_is_followed_by_it(chain: Chain, way: str) -> None:
    chain.create_all()
    chain.database.execute(
        """
        create sequence public.refreshes;
        create function public.ask_once() returns trigger language plpgsql as $$
        begin
          new.needs_reinit := nextval('public.refreshes') = 1;
          return new;
        end $$;
        create trigger ask_once before update of last_refresh_at on pgtrickle.pgt_stream_tables
          for each row when (new.pgt_name = 'aside') execute function public.ask_once();
        insert into shop.orders values (1000, 'new', 5);
        """
    )
    if way == "operation":
        chain.operation("pgtrickle_refresh", model_name="aside")
    else:
        assert refresh(chain.project, ["aside"]) == 0
    assert chain.database.value("select last_value from public.refreshes") >= 2
    flag = "select needs_reinit from pgtrickle.pgt_stream_tables where pgt_name = 'aside'"
    assert chain.database.value(flag) is False
