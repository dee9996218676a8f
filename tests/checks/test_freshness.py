"""Freshness beyond the table of situations: limits, schedules, names, and what it says."""

from __future__ import annotations

import contextlib
import dataclasses
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tasklib.base.display import duration, show_check
from tasklib.base.errors import UserError
from tasklib.catalog.queries import render
from tasklib.project.project import Project
from tasklib.tasks import cdc_health, verify
from tasklib.tasks.freshness import task as freshness
from tasklib.tasks.wait import until_populated
from tests.checks.shop import Shop, ask_freshness, until

Capsys = pytest.CaptureFixture[str]


@contextlib.contextmanager
def hold_scheduler(shop: Shop) -> Iterator[None]:
    """Keep the scheduler from refreshing: the extension takes no row that another session has."""
    space = "" if shop.database.extension == "pg_trickle" else "pgtrickle_lite.lock_space(), "
    with shop.database.connect(autocommit=False) as connection:
        connection.execute(
            f"select pg_advisory_xact_lock({space}pgt_id::int) from pgtrickle.pgt_stream_tables"
            if space
            else "select pg_advisory_xact_lock(pgt_id) from pgtrickle.pgt_stream_tables"
        )
        yield


@contextlib.contextmanager
def _role(shop: Shop, readable: str) -> Iterator[Project]:
    """The project as a new login role sees it, which may read at most one schema."""
    name = f"weak_{uuid.uuid4().hex[:8]}"
    role = sql.Identifier(name)
    with shop.database.connect() as owner:
        owner.execute(sql.SQL("create role {} login password 'weak'").format(role))
        if readable:
            for grant in ("usage on schema {}", "select on all tables in schema {}"):
                what = sql.SQL(grant).format(sql.Identifier(readable))  # type: ignore[arg-type]
                owner.execute(sql.SQL("grant {} to {}").format(what, role))
        env = shop.project.root / ".env"
        text = env.read_text()
        env.write_text(f"{text}PGUSER={name}\nPGPASSWORD=weak\n")
        try:
            yield dataclasses.replace(shop.project)
        finally:
            owner.execute(sql.SQL("drop owned by {}").format(role))
            owner.execute(sql.SQL("drop role {}").format(role))


def verdict(shop: Shop, capsys: Capsys, *args: Any, **kwargs: Any) -> str:
    return str(ask_freshness(shop, capsys, *args, **kwargs).row("analytics.totals")["verdict"])


@pytest.mark.quick
@pytest.mark.parametrize(
    ("schedule", "age", "expected"),
    [
        ("1m", "9 minutes", "ok"),
        ("1m", "11 minutes", "warn"),
        ("1m", "31 minutes", "error"),
        ("1h", "45 minutes", "ok"),
        ("1h", "69 minutes", "ok"),
        ("1h", "71 minutes", "warn"),
        ("1h", "91 minutes", "error"),
        ("3600", "45 minutes", "ok"),
        ("1d", "23 hours", "ok"),
        ("1d12h", "35 hours", "ok"),
        ("0 0 1 1 *", "20 minutes", "ok"),
        ("* * * * *", "12 minutes", "warn"),
        ("*/5 * * * *", "50 minutes", "error"),
    ],
)
def test_default_limits_give_a_slow_schedule_its_time(
    scheduled: Shop, capsys: Capsys, schedule: str, age: str, expected: str
) -> None:
    scheduled.create(schedule=schedule)
    with hold_scheduler(scheduled):
        scheduled.age("last_refresh_at", age)
        assert verdict(scheduled, capsys) == expected


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({"warn_seconds": 60, "error_seconds": 3600}, "warn"),
        ({"error_seconds": 1200}, "error"),
        ({"warn_seconds": 7200}, "ok"),
    ],
)
def test_limits_of_the_caller_are_taken_as_they_are(
    scheduled: Shop, capsys: Capsys, limits: dict[str, float], expected: str
) -> None:
    scheduled.create(schedule="1d")
    scheduled.age("last_refresh_at", "30 minutes")
    assert verdict(scheduled, capsys, **limits) == expected


@pytest.mark.parametrize("model_config", [", warn_seconds=60, meta={'error_seconds': 1200}"])
def test_limits_of_the_model_are_taken_as_they_are_and_the_callers_go_before(
    scheduled: Shop, capsys: Capsys
) -> None:
    scheduled.create(schedule="1d")
    scheduled.age("last_refresh_at", "10 minutes")
    assert verdict(scheduled, capsys) == "warn"
    scheduled.age("last_refresh_at", "30 minutes")
    assert verdict(scheduled, capsys) == "error"
    assert verdict(scheduled, capsys, warn_seconds=3600, error_seconds=3600) == "ok"


def test_a_calculated_table_is_late_only_when_something_it_reads_is_newer(
    scheduled: Shop, capsys: Capsys
) -> None:
    scheduled.create()
    scheduled.create(
        "select orders, count(*) as n from analytics.totals group by orders", "analytics.spread",
        schedule="1d",
    )  # fmt: skip
    scheduled.database.query(
        "update pgtrickle.pgt_stream_tables set schedule = null, "
        "last_refresh_at = now() - interval '2 hours', refresh_tier = 'frozen' "
        "where pgt_name = 'spread'"
    )
    scheduled.age("data_timestamp", "3 hours")
    answer = ask_freshness(scheduled, capsys, everything=True)
    assert answer.row("analytics.spread")["verdict"] == "ok"
    scheduled.age("data_timestamp", "50 minutes")
    answer = ask_freshness(scheduled, capsys, everything=True)
    assert answer.row("analytics.spread")["reason"] == "late"


def test_a_calculated_table_on_base_tables_that_the_scheduler_ignores_is_late(
    scheduled: Shop, capsys: Capsys
) -> None:
    scheduled.create(schedule="calculated")
    scheduled.alter(tier="frozen")
    scheduled.age("last_refresh_at", "2 hours")
    assert verdict(scheduled, capsys) == "ok"
    scheduled.database.execute("insert into shop.orders values (1000, 'new', 5)")
    scheduled.age("last_refresh_at", "20 minutes")
    until(lambda: verdict(scheduled, capsys) == "warn", "what waits is not seen")
    scheduled.age("last_refresh_at", "2 hours")
    answer = ask_freshness(scheduled, capsys)
    assert (answer.status, answer.row("analytics.totals")["reason"]) == (1, "late")
    for _ in "ab":  # the extension empties its buffer at the next refresh
        scheduled.database.query("select pgtrickle.refresh_stream_table('analytics.totals')")
    scheduled.age("last_refresh_at", "2 hours")
    until(lambda: verdict(scheduled, capsys) == "ok", "what was taken in still counts")


def test_a_change_that_has_just_come_makes_no_calculated_table_late(
    scheduled: Shop, capsys: Capsys
) -> None:
    scheduled.create(schedule="calculated")
    with hold_scheduler(scheduled):
        scheduled.age("last_refresh_at", "2 hours")
        scheduled.database.execute("insert into shop.orders values (1000, 'new', 5)")
    assert verdict(scheduled, capsys) == "ok"


@pytest.mark.parametrize(
    ("seconds", "said"), [(-0.4, "0 s"), (-3, "0 s"), (-0.0, "0 s"), (45, "45 s")]
)
def test_no_age_is_negative(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_a_refresh_later_than_now_is_shown_as_just_done(shop: Shop, capsys: Capsys) -> None:
    shop.create()
    shop.age("last_refresh_at", "-1 hour")
    freshness.check(shop.project)
    assert " 0 s ago" in capsys.readouterr().out
    assert ask_freshness(shop, capsys).row("analytics.totals")["age_seconds"] == 0


def test_a_table_whose_idle_refreshes_only_its_history_tells_is_fresh(
    scheduled: Shop, capsys: Capsys
) -> None:
    scheduled.create("select id, amount from shop.orders order by id desc limit 3", schedule="1s")
    idle = "select count(*) from pgtrickle.pgt_refresh_history where action = 'NO_DATA'"
    until(lambda: scheduled.database.value(idle) > 0, "it is never looked at")
    scheduled.database.query(
        "update pgtrickle.pgt_stream_tables set last_refresh_at = now() - interval '1 hour'"
    )
    until(lambda: verdict(scheduled, capsys) == "ok", "it is not fresh")


def test_the_cause_of_a_failing_refresh_is_the_databases_own_message(
    shop: Shop, capsys: Capsys
) -> None:
    shop.create()
    shop.database.query(
        "update pgtrickle.pgt_stream_tables set status = 'ERROR', last_error_message = %s",
        "ErrorReportWithLevel { level: ERROR, inner: ErrorReport { sqlerrcode: X, "
        'message: "column \\"v\\" is gone", hint: None, backtrace: Some(Backtrace []) } }',
    )
    row = ask_freshness(shop, capsys).row("analytics.totals")
    assert row["cause"] == 'its refresh fails: column "v" is gone'
    assert row["remedy"].endswith("invoke run --select totals")


def test_what_reads_a_broken_table_is_not_fresh_either(scheduled: Shop, capsys: Capsys) -> None:
    scheduled.create()
    scheduled.create("select customer from analytics.totals", "analytics.reader", schedule="1d")
    scheduled.alter(status="SUSPENDED")
    answer = ask_freshness(scheduled, capsys, "analytics.reader")
    assert answer.status == 1
    assert (
        answer.row("analytics.reader")["cause"] == "it reads analytics.totals, which is not fresh"
    )


def test_a_table_that_dbt_does_not_know_is_judged_with_all_and_named_as_such(
    scheduled: Shop, capsys: Capsys
) -> None:
    scheduled.create()
    scheduled.create("select id from shop.orders", "analytics.foreign_one", schedule="1d")
    row = ask_freshness(scheduled, capsys, everything=True).row("analytics.foreign_one")
    assert (row["managed"], row["verdict"]) == (False, "ok")
    assert row["cause"] == "not a model of this project"


def test_a_renamed_table_is_judged_under_its_present_name(scheduled: Shop, capsys: Capsys) -> None:
    scheduled.create(name="analytics.before")
    scheduled.database.execute("alter table analytics.before rename to totals")
    row = ask_freshness(scheduled, capsys, "totals").row("analytics.totals")
    assert (row["verdict"], row["reason"]) == ("error", "renamed")
    assert "it takes analytics.before for it" in row["cause"]


def test_without_a_manifest_the_catalog_alone_is_judged_and_it_says_so(
    scheduled: Shop, capsys: Capsys
) -> None:
    scheduled.create()
    (scheduled.project.root / "target" / "manifest.json").unlink()
    answer = ask_freshness(scheduled, capsys)
    assert answer.status == 0
    assert "no manifest.json" in answer.document["notes"][0]


def test_a_broken_manifest_is_no_verdict(shop: Shop) -> None:
    (shop.project.root / "target" / "manifest.json").write_text("{")
    with pytest.raises(UserError, match="can't be read") as raised:
        freshness.check(shop.project)
    assert raised.value.exit_code == 2


def test_a_column_missing_from_the_catalog_is_an_error(scheduled: Shop, capsys: Capsys) -> None:
    scheduled.create()
    scheduled.database.execute(
        "alter table pgtrickle.pgt_stream_tables rename column last_error_message to last_problem"
    )
    row = ask_freshness(scheduled, capsys).row("analytics.totals")
    assert (row["verdict"], row["reason"]) == ("error", "unreadable")
    assert "last_error_message" in row["cause"]


def test_a_scheduler_that_is_switched_off_is_an_error(scheduled: Shop, capsys: Capsys) -> None:
    scheduled.create()
    name = sql.Identifier(scheduled.database.params["dbname"])
    with scheduled.database.connect() as connection:
        connection.execute(sql.SQL("alter database {} set pg_trickle.enabled = off").format(name))
    row = ask_freshness(scheduled, capsys).row("scheduler")
    assert "switched off" in row["cause"]


@pytest.mark.parametrize("check", [freshness.check, cdc_health.check, verify.verify])
def test_a_role_without_rights_gets_no_verdict_but_the_grant_it_needs(
    shop: Shop, check: Callable[[Project], int]
) -> None:
    shop.create()
    with _role(shop, "") as weak, pytest.raises(UserError, match="may not look into") as raised:
        check(weak)
    assert raised.value.exit_code == 2
    assert "grant usage on schema pgtrickle" in raised.value.remedy


def test_a_reader_without_further_rights_sees_the_same_verdict(
    scheduled: Shop, capsys: Capsys
) -> None:
    scheduled.create()
    with _role(scheduled, "pgtrickle") as weak:
        status = freshness.check(weak, as_json=True)
    assert (status, '"verdict": "ok"' in capsys.readouterr().out) == (0, True)


@contextlib.contextmanager
def open_transaction(shop: Shop) -> Iterator[int]:
    """A transaction with a snapshot, named after a second; gives its process's number."""
    name = sql.Identifier(shop.database.params["dbname"])
    with shop.database.connect() as connection:
        connection.execute(
            sql.SQL("alter database {} set pg_trickle.frontier_holdback_warn_seconds = 1").format(
                name
            )
        )
    with shop.database.connect(autocommit=False, application_name="analyst") as session:
        session.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        session.execute("select 1 from shop.orders")
        yield session.info.backend_pid


def test_a_transaction_behind_which_refreshes_take_nothing_in_is_named(
    scheduled: Shop, capsys: Capsys
) -> None:
    scheduled.create(schedule="1s")
    orders = "select sum(orders)::int from analytics.totals"
    with open_transaction(scheduled) as process:
        begun = scheduled.field("last_refresh_at")
        until(lambda: scheduled.field("last_refresh_at") > begun, "no refresh")
        scheduled.database.execute("insert into shop.orders values (1000, 'late', 1)")
        later = scheduled.field("last_refresh_at")
        until(lambda: scheduled.field("last_refresh_at") > later, "no refresh")
        assert scheduled.database.value(orders) == 30
        until(lambda: "transaction" in subjects(scheduled, capsys), "it is not named")
        answer = ask_freshness(scheduled, capsys)
        row = answer.row("transaction")
        assert (answer.status, row["verdict"], row["reason"]) == (0, "warn", "held_back")
        assert f"process {process} (user postgres, application analyst" in row["cause"]
        assert f"pg_terminate_backend({process})" in row["remedy"]
        assert until_populated(scheduled.project, "totals", 1) == "analytics.totals"
        loaded = scheduled.database.query(render("pgtrickle__loaded_at"))
        assert [row["subject"] for row in loaded] == ["analytics.totals"]
    until(lambda: scheduled.database.value(orders) == 31, "it does not arrive afterwards")
    assert subjects(scheduled, capsys) == ["analytics.totals"]


def subjects(shop: Shop, capsys: Capsys) -> list[str]:
    return [row["subject"] for row in ask_freshness(shop, capsys).document["results"]]


def test_a_reader_without_further_rights_is_told_of_the_transaction(
    scheduled: Shop, capsys: Capsys
) -> None:
    scheduled.create(schedule="1s")
    with _role(scheduled, "pgtrickle") as weak, open_transaction(scheduled) as process:
        seen = Shop(scheduled.database, weak)
        until(lambda: "transaction" in subjects(seen, capsys), "it is not named")
        assert (
            f"process {process} (user postgres"
            in ask_freshness(seen, capsys).row("transaction")["cause"]
        )


def test_who_recomputes_waits_for_no_transaction(scheduled: Shop, capsys: Capsys) -> None:
    scheduled.create(schedule="1s", refresh_mode="FULL")
    with open_transaction(scheduled) as process:
        scheduled.database.execute("insert into shop.orders values (1000, 'soon', 1)")
        orders = "select sum(orders)::int from analytics.totals"
        until(lambda: scheduled.database.value(orders) == 31, "it is held back, too")
        long = "select now() - xact_start > '1 s' from pg_stat_activity where pid = %s"
        until(lambda: scheduled.database.value(long, process), "it ended")
        assert subjects(scheduled, capsys) == ["analytics.totals"]


def test_no_database_is_no_verdict(shop: Shop) -> None:
    (shop.project.root / ".env").write_text("PGHOST=127.0.0.1\nPGPORT=1\nPGUSER=nobody\n")
    with pytest.raises(UserError, match="can't be reached") as raised:
        freshness.check(shop.project)
    assert (raised.value.exit_code, "invoke up" in raised.value.remedy) == (2, True)


def test_a_database_without_the_extension_is_no_verdict(shop: Shop) -> None:
    shop.database.execute(f"drop extension {shop.database.extension} cascade")
    with pytest.raises(UserError, match="not installed") as raised:
        freshness.check(shop.project)
    assert raised.value.exit_code == 2


def test_the_table_shows_the_worst_first_with_its_remedy(scheduled: Shop, capsys: Capsys) -> None:
    scheduled.create()
    scheduled.create("select id from shop.orders", "analytics.aaa")
    scheduled.alter(status="SUSPENDED")
    assert freshness.check(scheduled.project, everything=True) == 1
    text = capsys.readouterr().out
    assert text.index("analytics.totals") < text.index("analytics.aaa")
    assert "invoke resume totals" in text
    assert text.rstrip().endswith("freshness: 1 error, 1 ok")


def test_of_many_only_those_with_something_to_say_are_listed_and_all_are_counted(
    capsys: Capsys,
) -> None:
    good = {"verdict": "ok", "cause": "", "remedy": ""}
    rows = [{**good, "subject": f"a.t{number}"} for number in range(150)]
    rows.append({"verdict": "warn", "cause": "late", "remedy": "look", "subject": "a.late"})
    assert show_check("freshness", rows, {}) == 0
    text = capsys.readouterr().out
    assert "a.late" in text
    assert "a.t7" not in text
    assert "1 warn, 150 ok (those with nothing to say are not listed" in text
