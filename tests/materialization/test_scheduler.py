"""What dbt run leaves is known to the scheduler, however late the transaction commits."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from tests.lite.scheduler_process import running, until
from tests.materialization.shop import FILES, ORDERS, TOTALS_QUERY, refresh, stream_table_model
from tests.support.dbt_project import DbtProject
from tests.support.postgres import STAND_IN, Database

COMMITS_LATE = stream_table_model(
    TOTALS_QUERY, schedule="1s", post_hook="select pg_catalog.pg_sleep(5)"
)


@pytest.fixture
def _loses(database: Database) -> None:
    """An extension that loses what commits late."""
    if database.extension == STAND_IN:
        pytest.skip("the stand-in recomputes: it loses nothing")


def test_a_stream_table_whose_transaction_took_long_is_refreshed_all_the_same(
    database: Database, dbt_project: Callable[..., DbtProject], tmp_path: Path
) -> None:
    database.execute(ORDERS)
    project = dbt_project(FILES | {"models/totals.sql": COMMITS_LATE})
    own = database.extension == STAND_IN
    with running(database, tmp_path) if own else contextlib.nullcontext():
        project.dbt("run")
        database.execute("insert into raw.orders values (1000, 'region 0', 1000)")
        until(lambda: database.value("select max(largest) from analytics.totals") == 1000)


def test_a_server_that_counts_rows_twice_is_told_of_once_and_what_is_said_cures(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    database.execute(ORDERS)
    name = database.params["dbname"]
    database.execute(f"alter database {name} set pg_trickle.refresh_strategy = 'auto'")
    second = {"models/second.sql": stream_table_model(TOTALS_QUERY)}
    project = dbt_project(FILES | second, **{"on-run-end": ["{{ pgtrickle_rebind() }}"]})
    told = [line for line in project.dbt("run").log.splitlines() if "PGT067" in line]
    assert len(told) == 1
    _, _, remedy = told[0].partition("Say, as a superuser: ")
    database.execute(remedy)
    assert "PGT067" not in project.dbt("run").log


def test_a_server_that_refreshes_side_by_side_is_told_of_once_and_what_is_said_cures(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    database.execute(ORDERS)
    setting = "pg_trickle.parallel_refresh_mode"
    before = database.value("select setting from pg_settings where name = %s union all"
                            " select '' limit 1", setting)  # fmt: skip
    try:
        database.query(f"alter system set {setting} = 'on'")
        database.query("select pg_reload_conf()")
        until(lambda: database.value("select current_setting(%s, true)", setting) == "on")
        project = dbt_project(FILES, **{"on-run-end": ["{{ pgtrickle_rebind() }}"]})
        told = [line for line in project.dbt("run").log.splitlines() if "PGT067" in line]
        assert len(told) == 1
        _, _, remedy = told[0].partition("one after the other: ")
        for statement in remedy.split("; "):
            database.query(statement)
        until(lambda: database.value("select current_setting(%s, true)", setting) == "off")
        assert "PGT067" not in project.dbt("run").log
    finally:
        database.query(f"alter system set {setting} = '{before}'" if before else
                       f"alter system reset {setting}")  # fmt: skip
        database.query("select pg_reload_conf()")


@pytest.mark.usefixtures("_loses")
def test_what_a_transaction_wrote_before_a_refresh_arrives_when_it_commits_after_it(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    database.execute(ORDERS)
    model = stream_table_model(TOTALS_QUERY, schedule="1s")
    dbt_project(FILES | {"models/totals.sql": model}).dbt("run")
    with database.connect(autocommit=False) as late:
        late.execute("insert into raw.orders values (1000, 'late', 1)")
        for number in range(4):
            database.execute(f"insert into raw.orders values ({2000 + number}, 'soon', 1)")
            time.sleep(1)
        late.commit()
    arrived = "select orders from analytics.totals where region in ('late', 'soon') order by 1"
    until(lambda: [row["orders"] for row in database.query(arrived)] == [1, 4])


@pytest.mark.usefixtures("_loses")
def test_what_commits_while_a_refresh_waits_leaves_no_minimum_that_is_gone(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    database.execute(ORDERS)
    database.execute("truncate raw.orders")
    for group in range(6):
        rows = f"({group}0, 'g{group}', 1), ({group}1, 'g{group}', 5), ({group}2, 'g{group}', 9)"
        database.execute(f"insert into raw.orders values {rows}")
    least = "select region, min(amount) as least, count(*) as orders from raw.orders group by 1"
    project = dbt_project(FILES | {"models/totals.sql": stream_table_model(least, schedule="1s")})
    project.dbt("run")
    for group in range(6):
        change = f"update raw.orders set amount = %s where id = {group}%s"
        with database.connect(autocommit=False) as late:
            late.execute(change % (7, 0))
            for _ in range(7):  # so that a refresh is due, which waits
                database.execute(
                    "insert into raw.orders select max(id) + 1, 'x', 1 from raw.orders"
                )
                time.sleep(0.1)
            database.execute(change % (0, 1))
            late.commit()
        time.sleep(0.15)
        database.execute(change % (4, 1))
        time.sleep(1.1)
    wrong = f"select region, least from ({least}) as q except select region, least from analytics.totals"
    until(lambda: not database.query(wrong))
    time.sleep(2)
    assert not database.query(wrong)
    arrived = "select orders from analytics.totals where region = 'x'"
    assert database.value(arrived) == database.value(
        f"select orders from ({least}) as q where region = 'x'"
    )


@pytest.mark.usefixtures("_loses")
def test_a_refresh_by_hand_says_that_a_transaction_is_not_over(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    database.execute(ORDERS)
    dbt_project(FILES).dbt("run")
    with database.connect(autocommit=False) as late:
        late.execute("insert into raw.orders values (1000, 'late', 1)")
        with pytest.raises(psycopg.Error, match="is not over"):
            refresh(database)
        late.commit()
    refresh(database)
    assert database.value("select orders from analytics.totals where region = 'late'") == 1


@pytest.mark.usefixtures("_loses")
def test_the_operation_has_refreshes_wait_again(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    database.execute(ORDERS)
    project = dbt_project(FILES)
    project.dbt("run")
    database.execute("drop function pgtrickle.dbt_wait_for_writers cascade")
    project.dbt("run-operation", "pgtrickle_wait_for_writers")
    assert database.query("select 1 from pg_trigger where tgname = 'dbt_wait_for_writers'")


@pytest.mark.usefixtures("_loses")
def test_no_writer_waits_for_what_takes_long_in_the_same_tick(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    database.execute(f"{ORDERS}; create table raw.ticks (id int primary key)")
    slow = "select count(*) as n, (select 1 from pg_catalog.pg_sleep(2)) as slept from raw.ticks"
    settings = {"schedule": "1s", "trial": "off"}
    models = {
        "least": stream_table_model("select min(amount) as least from raw.orders", **settings),
        "slow": stream_table_model(slow, refresh_mode="FULL", **settings),
    }
    dbt_project({f"models/{name}.sql": text for name, text in models.items()}).dbt("run")
    done = (
        "select count(*) from pgtrickle.pgt_refresh_history join pgtrickle.pgt_stream_tables"
        " using (pgt_id) where pgt_name = %s and action = %s and pgt_refresh_history.status = 'COMPLETED'"
    )
    asleep = (
        "select count(*) from pg_stat_activity where datname = current_database()"
        " and wait_event = 'PgSleep' and application_name ~ 'scheduler'"
        " and clock_timestamp() - xact_start > interval '0.5 s'"
    )
    number = 1000

    def write() -> None:
        nonlocal number
        number += 1
        database.execute(
            f"set lock_timeout = '1s'; insert into raw.orders values ({number}, 'x', {number})"
        )
        database.execute(f"insert into raw.ticks values ({number})")

    write()
    # that it takes long is known from the first time on
    until(lambda: database.value(done, "slow", "FULL") > 1)
    for _ in range(3):
        write()
        until(lambda: database.value(asleep) == 1)
        write()
        assert database.value(asleep) == 1
        until(lambda: database.value(asleep) == 0)
    before = database.value(done, "least", "DIFFERENTIAL")
    write()
    until(lambda: database.value(done, "least", "DIFFERENTIAL") > before)


# What another session does before a run has refreshes wait, and what then, once that one waits.
OTHERS = {
    "makes the same": (
        "select pg_advisory_xact_lock(hashtext('dbt_pgtrickle'))",
        "create function pgtrickle.dbt_wait_for_writers() returns trigger language plpgsql"
        " as 'begin return new; end'",
        "select 1",
    ),
    "tries a query": (
        "lock table pgtrickle.pgt_stream_tables in row exclusive mode",
        "lock table pgtrickle.pgt_dependencies in row exclusive mode",
        "lock table pgtrickle.pgt_refresh_history in row exclusive mode",
    ),
}


@contextlib.contextmanager
def another_session(database: Database, *statements: str) -> Iterator[None]:
    """In a transaction: all statements but the last; that one as soon as somebody waits."""
    waiting = (
        "select count(*) from pg_stat_activity where datname = current_database()"
        " and (wait_event_type = 'Lock' or wait_event = 'PgSleep')"
    )
    with database.connect(autocommit=False) as other, ThreadPoolExecutor(1) as pool:
        for statement in statements[:-1]:
            other.execute(statement.encode())

        def end() -> None:
            until(lambda: database.value(waiting) > 0)
            other.execute(statements[-1].encode())
            other.commit()

        ended = pool.submit(end)
        yield
        ended.result()


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.usefixtures("_loses")
def test_a_run_has_refreshes_wait_beside_another_that(
    other: str, database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    database.execute(ORDERS)
    project = dbt_project(FILES, **{"on-run-end": ["{{ pgtrickle_rebind() }}"]})
    project.dbt("run")
    triggers = "select count(*) from pg_trigger where tgname = 'dbt_wait_for_writers'"
    for command in (("run",), ("run-operation", "pgtrickle_wait_for_writers")):
        database.execute("drop function pgtrickle.dbt_wait_for_writers cascade")
        with another_session(database, *OTHERS[other]):
            project.dbt(*command)
        assert database.value(triggers) == 3


@pytest.mark.usefixtures("_loses")
def test_a_run_makes_what_an_earlier_version_had_refreshes_wait_by_anew(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    database.execute(ORDERS)
    project = dbt_project(FILES)
    project.dbt("run")
    body = "select prosrc from pg_proc where proname = 'dbt_wait_for_writers'"
    now = database.value(body)
    database.execute(
        "create or replace function pgtrickle.dbt_wait_for_writers() returns trigger"
        " language plpgsql as 'begin return new; end'"
    )
    project.dbt("run")
    assert database.value(body) == now


@pytest.mark.usefixtures("_loses")
def test_what_others_write_while_a_stream_table_is_filled_is_in_it(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    database.execute(ORDERS)
    project = dbt_project(FILES)
    project.dbt("run")
    rows = "select region, count(*) as orders from {{ source('raw', 'orders') }} group by region"
    with database.connect(autocommit=False) as late:
        late.execute("insert into raw.orders values (1000, 'late', 1)")
        commit = threading.Timer(5, late.commit)
        commit.start()
        for number, query in enumerate((rows, rows + " having true")):
            project.write({f"models/more_{number}.sql": stream_table_model(query)})
        project.dbt("run")
        commit.join()
    for name in ("more_0", "more_1", "totals"):
        refresh(database, f"analytics.{name}")
        held = database.value(f"select orders from analytics.{name} where region = 'late'")
        assert held == 1, name


@pytest.mark.usefixtures("_loses")
def test_a_stream_table_whose_source_is_written_without_end_is_not_filled_and_says_by_whom(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    database.execute(ORDERS)
    project = dbt_project(FILES)
    project.dbt("run")
    project.write({"models/more.sql": stream_table_model(TOTALS_QUERY)})
    with database.connect(autocommit=False) as late:
        late.execute("insert into raw.orders values (1000, 'late', 1)")
        log = project.dbt("run", "--select", "more", check=False).log
        assert "a transaction that has written to what it reads is not over" in log
        assert f"process {late.info.backend_pid}" in log
        assert "Run it once that one has committed or rolled back" in log
        late.rollback()
    project.dbt("run", "--select", "more")
    assert database.value("select count(*) from analytics.more") > 0
