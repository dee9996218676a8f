"""Verify where a refresh would wipe out what it has to find."""

from __future__ import annotations

import pytest

from tasklib.base.errors import UserError
from tasklib.tasks.verify import Extent, verify
from tests.checks.shop import Shop, ask_verify, spoil

Capsys = pytest.CaptureFixture[str]
COUNT = "select customer, count(*) as orders from shop.orders group by customer"
PLANT = "insert into analytics.totals (customer, orders) values ('planted', 1)"
ROWS = "select id, customer, amount from shop.orders"


def held(shop: Shop, customer: str) -> bool:
    return bool(
        shop.database.value("select count(*) from analytics.totals where customer = %s", customer)
    )


def test_rows_planted_in_a_full_table_are_reported_and_left_there(
    shop: Shop, capsys: Capsys
) -> None:
    shop.create(COUNT, refresh_mode="FULL")
    assert ask_verify(shop, capsys).status == 0
    spoil(shop, PLANT)
    row = ask_verify(shop, capsys).row("analytics.totals")
    assert (row["reason"], row["extra_rows"], row["missing_rows"]) == ("differs", 1, 0)
    assert held(shop, "planted")
    assert ask_verify(shop, capsys, repair=True, yes=True).status == 0
    assert not held(shop, "planted")


def test_a_guard_that_is_off_on_a_full_table_is_the_cause(shop: Shop, capsys: Capsys) -> None:
    shop.create(COUNT, refresh_mode="FULL")
    shop.database.execute(f"alter table analytics.totals disable trigger all; {PLANT}")
    assert "write guard is off" in ask_verify(shop, capsys).row("analytics.totals")["cause"]


def test_a_full_table_that_is_behind_is_left_so_and_the_doubt_is_named(
    shop: Shop, capsys: Capsys
) -> None:
    shop.create(COUNT, refresh_mode="FULL")
    shop.database.execute("insert into shop.orders values (1000, 'new', 5)")
    row = ask_verify(shop, capsys).row("analytics.totals")
    assert (row["verdict"], row["missing_rows"], row["extra_rows"]) == ("ok", 0, 0)
    assert "a full refresh makes it right" in row["cause"]
    assert not held(shop, "new")
    shop.database.query("select pgtrickle.refresh_stream_table('analytics.totals')")
    assert ask_verify(shop, capsys).row("analytics.totals")["cause"] == ""


def test_a_full_table_whose_answer_changes_by_itself_is_no_difference(
    shop: Shop, capsys: Capsys
) -> None:
    shop.create("select id, now() as at from shop.orders", refresh_mode="FULL")
    assert ask_verify(shop, capsys).row("analytics.totals")["verdict"] == "ok"


def test_rows_planted_in_what_reads_a_stream_table_are_reported(shop: Shop, capsys: Capsys) -> None:
    shop.create(COUNT, "analytics.below")
    shop.create("select customer, orders from analytics.below")
    assert ask_verify(shop, capsys, ["totals"]).status == 0
    spoil(shop, PLANT)
    assert ask_verify(shop, capsys, ["totals"]).row("analytics.totals")["reason"] == "differs"


def test_a_stream_table_below_is_left_as_it_is(shop: Shop, capsys: Capsys) -> None:
    shop.create(COUNT, "analytics.below", refresh_mode="FULL")
    shop.create("select customer, orders from analytics.below")
    shop.database.execute("insert into shop.orders values (1000, 'new', 5)")
    assert ask_verify(shop, capsys, ["totals"]).status == 0
    assert not held(shop, "new")
    shop.database.query("select pgtrickle.refresh_stream_table('analytics.below')")
    assert ask_verify(shop, capsys, ["totals"]).status == 0


def test_partitions_are_compared_one_by_one_and_a_wrong_row_is_found_in_its_own(
    shop: Shop, capsys: Capsys
) -> None:
    shop.create(ROWS, partition_by="HASH:id:3")
    everything = Extent(partition="all")
    row = ask_verify(shop, capsys, extent=everything).row("analytics.totals")
    assert (row["verdict"], row["held_rows"]) == ("ok", 30)
    place = shop.database.value(
        "select tableoid::regclass::text from analytics.totals where id = 7"
    )
    spoil(shop, "update analytics.totals set amount = 99 where id = 7")
    row = ask_verify(shop, capsys, extent=everything).row("analytics.totals")
    assert (row["extra_rows"], row["missing_rows"], row["held_rows"]) == (1, 1, 30)
    statuses = {
        f"analytics.totals_p{n}": ask_verify(
            shop, capsys, extent=Extent(partition=f"totals_p{n}")
        ).status
        for n in range(3)
    }
    assert statuses == {name: int(name == place) for name in statuses}


@pytest.mark.parametrize(
    ("key", "bound"), [("id", "from (1) to (11)"), ("LIST:customer", "in ('c1')")]
)
def test_a_partition_and_the_default_one_share_the_rows(
    shop: Shop, capsys: Capsys, key: str, bound: str
) -> None:
    shop.create(ROWS, partition_by=key, initialize=False)
    shop.database.execute(
        f"create table analytics.first partition of analytics.totals for values {bound}"
    )
    shop.database.query("select pgtrickle.refresh_stream_table('analytics.totals')")
    counts = [
        ask_verify(shop, capsys, extent=Extent(partition=name)).row("analytics.totals")
        for name in ("first", "totals_default")
    ]
    assert [row["verdict"] for row in counts] == ["ok", "ok"]
    assert [row["held_rows"] for row in counts] == [10, 20]


def test_a_partition_that_is_none_is_refused_with_those_that_are(shop: Shop) -> None:
    shop.create(ROWS, partition_by="HASH:id:2")
    with pytest.raises(UserError, match="has no partition 'x'") as raised:
        verify(shop.project, extent=Extent(partition="x"))
    assert "totals_p0, totals_p1" in raised.value.remedy
