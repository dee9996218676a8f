"""Every remedy is carried out as it is printed, and cures."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from tasklib.base.errors import UserError
from tasklib.tasks.drop import drop, drop_all
from tasklib.tasks.verify import Extent
from tests.checks import situations
from tests.checks.remedies import carry_out, commands, give_tasks
from tests.checks.shop import (
    QUERY,
    Answer,
    Shop,
    ask_cdc_health,
    ask_freshness,
    ask_verify,
    until,
)
from tests.support.postgres import ROOT, STAND_IN

Capsys = pytest.CaptureFixture[str]
QUERIES = ROOT / "macros" / "queries"
OTHER = "others.stock"
# what another version might answer, or what takes a slot, can't be brought about for a cure here
NOT_BROUGHT_ABOUT = {
    "unreadable", "not_watched", "alert", "buffer_missing", "slot_missing", "slot_lag",
    "transition_blocked",
}  # fmt: skip


def edit_model(shop: Shop, config: str) -> None:
    model = f"{{{{ config(materialized='stream_table'{config}) }}}}\n{QUERY}"
    (shop.project.root / "models" / "totals.sql").write_text(model)


def make_other(shop: Shop, **settings: Any) -> None:
    """A stream table that is no model, on a source of its own."""
    shop.database.execute(
        "create schema others; create table others.goods (id int primary key, amount int); "
        "insert into others.goods values (1, 5)"
    )
    shop.create("select id, 100 / amount as share from others.goods", OTHER, **settings)


def set_for_database(shop: Shop, setting: str) -> None:
    name = shop.database.params["dbname"]
    shop.database.execute(f"alter database {name} set {setting}")


def recreate_source(shop: Shop) -> None:
    shop.database.execute(
        "create table shop.orders (id int primary key, customer text, amount int); "
        "insert into shop.orders select i, 'c' || i % 3, 1 from generate_series(1, 30) i"
    )


def drop_behind_its_back(shop: Shop, table: str) -> None:
    shop.database.execute(
        f"set session_replication_role = replica; drop table {table}; "
        "set session_replication_role = origin"
    )


def frozen_and_late(shop: Shop) -> None:
    shop.create()
    shop.alter(tier="frozen")
    shop.age("last_refresh_at", "20 hours")
    shop.age("last_refresh_at", "90 hours")


def blown(shop: Shop) -> None:
    shop.create(schedule="1s")
    shop.alter(fuse="on", fuse_ceiling=5)
    shop.database.execute(
        "insert into shop.orders select i, 'm', 1 from generate_series(100, 199) i"
    )
    until(lambda: shop.field("fuse_state") == "blown", "the fuse does not blow")


def immediate_on_a_changed_source(shop: Shop) -> None:
    shop.create(refresh_mode="IMMEDIATE")
    shop.database.query("update pgtrickle.pgt_stream_tables set needs_reinit = true")


def immediate_that_failed(shop: Shop) -> None:
    edit_model(shop, ", refresh_mode='IMMEDIATE'")
    immediate_on_a_changed_source(shop)
    until(lambda: shop.field("status") == "ERROR", "it does not fail")


def no_longer_paused(shop: Shop) -> None:
    edit_model(shop, ", status='PAUSED'")
    carry_out(shop, "invoke run")
    edit_model(shop, "")
    carry_out(shop, "invoke run")


def odd_status(shop: Shop) -> None:
    shop.create()
    shop.database.execute(
        "alter table pgtrickle.pgt_stream_tables drop constraint pgt_stream_tables_status_check; "
        "update pgtrickle.pgt_stream_tables set status = 'ODD'"
    )


def other_suspended(shop: Shop) -> None:
    make_other(shop)
    shop.database.query(f"select pgtrickle.alter_stream_table('{OTHER}', status => 'SUSPENDED')")


def other_fails(shop: Shop) -> None:
    make_other(shop, schedule="1s")
    shop.database.execute("insert into others.goods values (2, 0)")
    until(
        lambda: shop.database.value("select status from pgtrickle.pgt_stream_tables") == "ERROR",
        "its refresh does not fail",
    )


def other_without_its_source(shop: Shop) -> None:
    make_other(shop)
    shop.database.execute("drop table others.goods")


def renamed(shop: Shop, table: str, name: str) -> None:
    shop.create(name=table)
    shop.database.execute(f"alter table {table} rename to {name}")


def other_renamed(shop: Shop) -> None:
    make_other(shop)
    shop.database.execute(f"alter table {OTHER} rename to supply")
    shop.database.execute("insert into others.goods values (2, 10)")


def other_gone(shop: Shop) -> None:
    make_other(shop)
    drop_behind_its_back(shop, OTHER)


def capture_paused(shop: Shop) -> None:
    shop.create()
    set_for_database(shop, "pg_trickle.cdc_paused = on")
    shop.database.execute("insert into shop.orders values (1000, 'lost', 5)")


def many_changes_wait(shop: Shop) -> None:
    shop.create()
    set_for_database(shop, "pg_trickle.buffer_alert_threshold = 1000")
    shop.database.execute(
        "insert into shop.orders select i, 'x', 1 from generate_series(100, 1200) i"
    )


def source_renamed(shop: Shop, source: str = "shop.orders") -> None:
    shop.database.execute(f"alter table {source} rename to former")


def own_source_replaced(shop: Shop) -> None:
    shop.create()
    source_renamed(shop)
    recreate_source(shop)


def former_name_taken(shop: Shop) -> None:
    goods = "create table shop.goods (id int primary key); insert into shop.goods values (1)"
    query = "select count(*) as goods from shop.goods"
    shop.database.execute(goods)
    shop.create(query, "analytics.before")
    shop.database.execute(f"alter table shop.goods rename to goods_before; {goods}")
    shop.create(query, "analytics.after")


def leftover_buffer(shop: Shop) -> None:
    shop.create("select id, customer from shop.orders")
    shop.database.query("select pgtrickle.drop_stream_table('analytics.totals')")
    shop.create("select id, amount from shop.orders")


@dataclass(frozen=True)
class Ill:
    """How a verdict comes about, what its remedy leaves to the user, and where it can be had.

    Attributes:
        arrange: brings it about.
        correct: what the remedy says in words, such as correcting the data.
        subject: whose verdict it is.
        last: carry out the last of the commands alone, since the remedy leaves the choice.
        engine: the one extension where it can be brought about.
        config: what else the model's config says.
        stays: the subject is there after the cure.
    """

    arrange: Callable[[Shop], object]
    correct: Callable[[Shop], object] = lambda _: None
    subject: str = "analytics.totals"
    last: bool = False
    engine: str = ""
    config: str = ""
    stays: bool = True


FRESHNESS = {
    "not_in_database": Ill(situations.nothing),
    "not_a_stream_table": Ill(situations.plain_table_instead),
    "storage_gone": Ill(
        lambda shop: (shop.create(), drop_behind_its_back(shop, "analytics.totals"))
    ),
    "fuse_blown": Ill(blown, engine="pg_trickle"),
    "paused": Ill(
        situations.suspended, config=", status='PAUSED'",
        correct=lambda shop: edit_model(shop, ", status='ACTIVE'"),
    ),
    "suspended": Ill(situations.suspended),
    "suspended, the model no longer paused": Ill(no_longer_paused),
    "source_dropped": Ill(situations.source_dropped, correct=recreate_source),
    "failed": Ill(
        situations.failing_query,
        correct=lambda shop: shop.database.execute("delete from shop.orders where amount = 0"),
    ),
    "never_populated": Ill(situations.never_populated),
    "unknown_status": Ill(odd_status, engine=STAND_IN),
    # the real one's scheduler tries a refresh that IMMEDIATE has no buffers for, and that fails
    "needs_reinit": Ill(immediate_on_a_changed_source, engine=STAND_IN),
    "failed, being IMMEDIATE": Ill(immediate_that_failed, engine="pg_trickle"),
    # by the model's own limit: when it is due the scheduler refreshes it at once
    "late": Ill(situations.past_its_limit, config=", error_seconds=7200"),
    "late, being frozen": Ill(frozen_and_late),
    "no_scheduler, being switched off": Ill(
        lambda shop: (shop.create(), set_for_database(shop, "pg_trickle.enabled = off")),
        subject="scheduler", stays=False,
    ),
    "source_renamed, and replaced": Ill(own_source_replaced),
    "source_renamed": Ill(
        lambda shop: (shop.create(), source_renamed(shop)),
        correct=lambda shop: shop.database.execute("alter table shop.former rename to orders"),
    ),
    "source_renamed, and no model": Ill(
        lambda shop: (make_other(shop), source_renamed(shop, "others.goods")),
        subject=OTHER, last=True, stays=False,
    ),
    "suspended, and no model": Ill(other_suspended, subject=OTHER),
    "failed, and no model": Ill(
        other_fails, subject=OTHER,
        correct=lambda shop: shop.database.execute("delete from others.goods where amount = 0"),
    ),
    "never_populated, and no model": Ill(
        lambda shop: make_other(shop, initialize=False), subject=OTHER
    ),
    "source_dropped, and no model": Ill(
        other_without_its_source, subject=OTHER, last=True, stays=False
    ),
    "storage_gone, and no model": Ill(other_gone, subject=OTHER, last=True, stays=False),
    "renamed": Ill(lambda shop: renamed(shop, "analytics.before", "totals")),
    "renamed, and no model": Ill(other_renamed, subject="others.supply"),
}  # fmt: skip

CAPTURE = {
    "capture_paused": Ill(capture_paused, subject="capture", stays=False),
    "source_dropped": Ill(
        situations.source_dropped, correct=recreate_source, subject="", stays=False
    ),
    "source_dropped, and no model": Ill(
        other_without_its_source, subject="", last=True, stays=False
    ),
    "storage_gone": Ill(
        lambda shop: (shop.create(), drop_behind_its_back(shop, "analytics.totals")), stays=False
    ),
    "storage_gone, and no model": Ill(other_gone, subject=OTHER, last=True, stays=False),
    "trigger_missing": Ill(situations.one_trigger_dropped, subject="shop.orders"),
    "trigger_disabled": Ill(situations.trigger_disabled, subject="shop.orders"),
    "column_gone": Ill(
        situations.renamed_column, subject="shop.orders",
        correct=lambda shop: shop.database.execute(
            "alter table shop.orders rename column price to amount"
        ),
    ),
    "buffer_outdated": Ill(leftover_buffer, subject="shop.orders", engine="pg_trickle"),
    "buffer_shared": Ill(former_name_taken, subject="shop.goods"),
    # 0.67.0 clears away what a refresh by hand took in at the scheduler's next turn alone
    "buffer_grows": Ill(many_changes_wait, subject="shop.orders", engine=STAND_IN),
}  # fmt: skip


@pytest.fixture
def ill(request: pytest.FixtureRequest, scheduled: Shop) -> Ill:
    found: Ill = request.param
    if found.engine and found.engine != scheduled.database.extension:
        pytest.skip(f"{found.engine} alone comes to this")
    return found


@pytest.fixture
def patient(scheduled: Shop) -> Iterator[Shop]:
    give_tasks(scheduled)
    yield scheduled


def bad(answer: Answer, subject: str) -> list[dict[str, Any]]:
    return [
        row for row in answer.document["results"]
        if row["verdict"] != "ok" and row["subject"].startswith(subject)
    ]  # fmt: skip


def cure(shop: Shop, ill: Ill, remedy: str) -> None:
    ill.correct(shop)
    found = commands(remedy)
    assert found, remedy
    for command in found[-1:] if ill.last else found:
        carry_out(shop, command)


def _cases(table: dict[str, Ill]) -> Any:
    return pytest.mark.parametrize(
        ("reason", "ill", "model_config"),
        [
            pytest.param(name.split(",")[0], ill, ill.config, id=name)
            for name, ill in table.items()
        ],
        indirect=["ill"],
    )  # fmt: skip


@_cases(FRESHNESS)
def test_what_freshness_says_to_do_cures(
    patient: Shop, ill: Ill, reason: str, capsys: Capsys
) -> None:
    ill.arrange(patient)
    row = bad(ask_freshness(patient, capsys, everything=True), ill.subject)[0]
    assert row["reason"] == reason
    cure(patient, ill, row["remedy"])
    after = ask_freshness(patient, capsys, everything=True)
    assert bad(after, ill.subject) == []
    assert any(row["subject"] == ill.subject for row in after.document["results"]) is ill.stays
    assert bad(ask_verify(patient, capsys, everything=True), ill.subject) == []


@pytest.mark.parametrize("leave", ["open", "prepared"])
def test_what_freshness_says_of_an_open_transaction_ends_it(
    patient: Shop, leave: str, capsys: Capsys
) -> None:
    if leave == "prepared" and patient.database.value("show max_prepared_transactions") == "0":
        pytest.skip("this server prepares no transactions")
    patient.create()
    set_for_database(patient, "pg_trickle.frontier_holdback_warn_seconds = 1")
    with contextlib.suppress(psycopg.OperationalError), patient.database.connect() as session:
        session.execute(
            "begin isolation level repeatable read; insert into shop.orders values (99)"
        )
        if leave == "prepared":
            session.execute("prepare transaction 'forgotten'")

        def told() -> list[dict[str, Any]]:
            return bad(ask_freshness(patient, capsys), "transaction")

        until(told, "it is not named")
        carry_out(patient, commands(told()[0]["remedy"])[0])
        until(lambda: not told(), "it is still there")


@_cases(CAPTURE)
def test_what_cdc_health_says_to_do_cures(
    patient: Shop, ill: Ill, reason: str, capsys: Capsys
) -> None:
    ill.arrange(patient)
    until(
        lambda: bad(ask_cdc_health(patient, capsys, everything=True), ill.subject),
        "nothing is said",
    )
    row = bad(ask_cdc_health(patient, capsys, everything=True), ill.subject)[0]
    assert row["reason"] == reason
    cure(patient, ill, row["remedy"])
    until(
        lambda: not bad(ask_cdc_health(patient, capsys, everything=True), ill.subject),
        "it is not cured",
    )
    assert bad(ask_verify(patient, capsys), "shop") == []


@pytest.mark.parametrize(
    ("arrange", "extent"),
    [
        (situations.wrong_rows, Extent()),
        (situations.suspended, Extent()),
        (situations.never_populated, Extent()),
        (lambda shop: shop.create(), Extent(share=0.01)),
    ],
)
def test_what_verify_says_to_do_cures(
    patient: Shop, arrange: Callable[[Shop], object], extent: Extent, capsys: Capsys
) -> None:
    arrange(patient)
    row = bad(ask_verify(patient, capsys, extent=extent), "analytics.totals")[0]
    for command in commands(row["remedy"]):
        carry_out(patient, command)
    assert bad(ask_verify(patient, capsys), "") == []


def test_what_verify_says_of_a_query_that_fails_cures(patient: Shop, capsys: Capsys) -> None:
    situations.renamed_column(patient)
    row = bad(ask_verify(patient, capsys), "analytics.totals")[0]
    assert row["remedy"].startswith("Correct the model or what it reads, then: ")
    patient.database.execute("alter table shop.orders rename column price to amount")
    for command in commands(row["remedy"]):
        carry_out(patient, command)
    assert ask_verify(patient, capsys).status == 0


def test_what_is_said_of_an_upstream_one_leads_to_its_remedy(patient: Shop, capsys: Capsys) -> None:
    make_other(patient)
    patient.create(f"select id, count(*) as orders from {OTHER} group by id")
    patient.database.query(f"select pgtrickle.alter_stream_table('{OTHER}', status => 'SUSPENDED')")
    remedy = ask_freshness(patient, capsys, "totals").row("analytics.totals")["remedy"]
    assert remedy == f"Its remedy: invoke freshness {OTHER}"
    cause = ask_freshness(patient, capsys, OTHER).row(OTHER)
    carry_out(patient, commands(cause["remedy"])[0])
    assert ask_freshness(patient, capsys, "totals").status == 0


def test_what_is_said_of_an_unknown_name_shows_the_names(patient: Shop, capsys: Capsys) -> None:
    remedy = ask_freshness(patient, capsys, "tootals").row("tootals")["remedy"]
    assert "shop.totals" in carry_out(patient, *commands(remedy))


def test_what_is_said_without_the_extension_creates_it(patient: Shop, capsys: Capsys) -> None:
    if patient.database.extension == STAND_IN:
        pytest.skip("its scheduler stops with it")
    patient.database.execute("drop extension pg_trickle cascade")
    with pytest.raises(UserError) as raised:
        ask_freshness(patient, capsys)
    for command in commands(raised.value.remedy):
        carry_out(patient, command)
    assert ask_freshness(patient, capsys).row("analytics.totals")["reason"] == "not_in_database"


def test_what_is_said_of_a_broken_manifest_writes_it_again(patient: Shop, capsys: Capsys) -> None:
    patient.create()
    (patient.project.root / "target" / "manifest.json").write_text("{")
    with pytest.raises(UserError) as raised:
        ask_freshness(patient, capsys)
    carry_out(patient, *commands(raised.value.remedy))
    assert ask_freshness(patient, capsys).status == 0


def test_what_drop_all_says_without_a_manifest_lets_it_drop(patient: Shop) -> None:
    patient.create()
    (patient.project.root / "target" / "manifest.json").unlink()
    with pytest.raises(UserError) as raised:
        drop_all(patient.project, yes=True)
    carry_out(patient, commands(raised.value.remedy)[0])
    drop_all(patient.project, yes=True)


def test_what_drop_says_of_another_projects_reader_lets_it_drop(patient: Shop) -> None:
    patient.create()
    patient.database.execute("create schema others")
    patient.create("select customer from analytics.totals", "others.copy")
    with pytest.raises(UserError, match=r"read by others\.copy") as raised:
        drop(patient.project, ["totals"], yes=True)
    carry_out(patient, *commands(raised.value.remedy))
    drop(patient.project, ["totals"], yes=True)


def test_every_reason_that_a_query_can_give_has_its_cure_tried() -> None:
    obstacles = re.findall(r"then '(\w+)'", (QUERIES / "pgtrickle__obstacle.sql").read_text())
    captured = re.findall(
        r"'(?:error|warn)'(?: as verdict| end)?, '(\w+)'",
        (QUERIES / "pgtrickle__cdc_health.sql").read_text(),
    )
    tried = {name.split(",")[0] for table in (FRESHNESS, CAPTURE) for name in table}
    assert len(obstacles) > 8 < len(captured)
    assert {*obstacles, *captured} - tried - NOT_BROUGHT_ABOUT == set()
