"""Every situation that a check must judge, and how it comes about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.checks.shop import SCHEDULER, Shop, until


@dataclass(frozen=True)
class Situation:
    """How a situation is brought about, and what each check has to say in it.

    A verdict is (verdict, reason); None where the check can't be asked about it.
    """

    arrange: Callable[[Shop], None]
    freshness: tuple[str, str]
    cdc: tuple[str, str]
    verify: tuple[str, str]
    needs_scheduler: bool = True
    config: str = ""
    asked: str = ""


def healthy(shop: Shop) -> None:
    shop.create()


def idle_for_an_hour(shop: Shop) -> None:
    shop.create(schedule="1s")
    shop.age("data_timestamp", "1 hour")
    before = shop.field("last_refresh_at")
    until(lambda: shop.field("last_refresh_at") > before, "the scheduler does not refresh")


def immediate_idle(shop: Shop) -> None:
    shop.create(refresh_mode="IMMEDIATE")
    shop.age("last_refresh_at", "2 hours")


def suspended(shop: Shop) -> None:
    shop.create()
    shop.alter(status="SUSPENDED")


def failing_query(shop: Shop) -> None:
    shop.create(schedule="1s")
    shop.database.execute("insert into shop.orders values (99, 'c1', 0)")
    until(lambda: shop.field("status") == "ERROR", "its refresh does not fail")


def source_dropped(shop: Shop) -> None:
    shop.create()
    shop.database.execute("drop table shop.orders")


def trigger_disabled(shop: Shop) -> None:
    shop.create()
    shop.database.execute("alter table shop.orders disable trigger all")


def trigger_dropped(shop: Shop) -> None:
    shop.create()
    for name in shop.capture_triggers():
        shop.database.execute(f'drop trigger "{name}" on shop.orders')


def one_trigger_dropped(shop: Shop) -> None:
    shop.create()
    name = next(name for name in shop.capture_triggers() if "_del" in name)
    shop.database.execute(f'drop trigger "{name}" on shop.orders')


def immediate_trigger_dropped(shop: Shop) -> None:
    shop.create(refresh_mode="IMMEDIATE")
    for name in shop.capture_triggers():
        shop.database.execute(f'drop trigger "{name}" on shop.orders')


def renamed_column(shop: Shop) -> None:
    shop.create()
    shop.database.execute("alter table shop.orders rename column amount to price")


def never_populated(shop: Shop) -> None:
    shop.create(initialize=False)


def nothing(_shop: Shop) -> None:
    pass


def plain_table_instead(shop: Shop) -> None:
    shop.database.execute("create table analytics.totals (customer text)")


def no_scheduler(shop: Shop) -> None:
    shop.create()
    if shop.database.extension == "pg_trickle":
        until(lambda: shop.database.value(SCHEDULER) > 0, "the scheduler has not come", 60)
        shop.database.query(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and application_name = 'pg_trickle_scheduler'"
        )
        until(lambda: shop.database.value(SCHEDULER) == 0, "the scheduler does not go")


def wrong_rows(shop: Shop) -> None:
    shop.create()
    shop.database.execute(
        "alter table analytics.totals disable trigger all; "
        "update analytics.totals set orders = 1000 where customer = 'c1'; "
        "alter table analytics.totals enable trigger all"
    )


def past_its_limit(shop: Shop) -> None:
    shop.create()
    shop.age("last_refresh_at", "3 hours")


GOOD = ("ok", "")

SITUATIONS = {
    "healthy": Situation(healthy, GOOD, GOOD, GOOD),
    "idle for an hour": Situation(idle_for_an_hour, GOOD, GOOD, GOOD),
    "IMMEDIATE and idle for two hours": Situation(immediate_idle, GOOD, GOOD, GOOD),
    "paused by its model": Situation(
        suspended, ("warn", "paused"), GOOD, ("warn", "paused"), config=", status='PAUSED'"
    ),
    "paused by its model's meta": Situation(
        suspended,
        ("warn", "paused"),
        GOOD,
        ("warn", "paused"),
        config=", meta={'status': 'paused'}",
    ),
    "suspended, and not by its model": Situation(
        suspended, ("error", "suspended"), GOOD, ("error", "suspended")
    ),
    "its query fails": Situation(failing_query, ("error", "failed"), GOOD, ("error", "failed")),
    "its source was dropped": Situation(
        source_dropped,
        ("error", "source_dropped"),
        ("error", "source_dropped"),
        ("error", "source_dropped"),
    ),
    "capture triggers disabled": Situation(
        trigger_disabled, GOOD, ("error", "trigger_disabled"), GOOD
    ),
    "capture triggers dropped": Situation(
        trigger_dropped, GOOD, ("error", "trigger_missing"), GOOD
    ),
    "one capture trigger dropped": Situation(
        one_trigger_dropped, GOOD, ("error", "trigger_missing"), GOOD
    ),
    "IMMEDIATE and triggers dropped": Situation(
        immediate_trigger_dropped, GOOD, ("error", "trigger_missing"), GOOD
    ),
    "a column of its source renamed": Situation(
        renamed_column, GOOD, ("error", "column_gone"), ("error", "failed")
    ),
    "never populated": Situation(
        never_populated, ("error", "never_populated"), GOOD, ("error", "never_populated")
    ),
    "in dbt, not in the database": Situation(
        nothing, ("error", "not_in_database"), GOOD, ("error", "not_in_database")
    ),
    "a plain table in its place": Situation(
        plain_table_instead, ("error", "not_a_stream_table"), GOOD, ("error", "not_a_stream_table")
    ),
    "an unknown name": Situation(
        healthy, ("error", "not_found"), GOOD, ("error", "not_found"), asked="tootals"
    ),
    "no scheduler": Situation(
        no_scheduler, ("error", "no_scheduler"), GOOD, GOOD, needs_scheduler=False
    ),
    "wrong rows in it": Situation(wrong_rows, GOOD, GOOD, ("error", "differs")),
    "past its limit": Situation(
        past_its_limit, ("error", "late"), GOOD, GOOD, config=", error_seconds=7200"
    ),
}
