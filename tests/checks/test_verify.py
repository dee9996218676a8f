"""Verify beyond the table of situations: types, duplicates, writers, extents, repair."""

from __future__ import annotations

import contextlib
import io
import threading
import time
from collections.abc import Iterator

import pytest

from tasklib.base.errors import UserError
from tasklib.catalog.queries import render
from tasklib.tasks.verify import Extent, verify
from tests.checks.shop import Shop, ask_verify, spoil

Capsys = pytest.CaptureFixture[str]

KINDS = """
    create type shop.mood as enum ('low', 'high');
    create table shop.kinds (
        id int primary key, plain json, binary_json jsonb, place point, moods shop.mood[],
        price numeric(10, 2), share double precision, code varchar(4), at timestamptz,
        span interval, raw bytea, flags bit varying, nothing text
    );
    insert into shop.kinds values
        (1, '{"a": 1}', '{"b": [1, 2]}', '(1,2)', '{low,high}', 10.5, 'NaN', 'ab', now(), '1 day',
         '\\x00ff', '101', null),
        (2, '{"a":1}', 'null', null, '{}', 10.50, -0.0, 'ab  ', 'infinity', '24 hours',
         '', '', null);
"""


def test_missing_and_extra_rows_are_counted_and_shown(shop: Shop, capsys: Capsys) -> None:
    shop.create()
    spoil(shop, "delete from analytics.totals where customer = 'c0'")
    spoil(shop, "update analytics.totals set orders = 11 where customer = 'c1'")
    row = ask_verify(shop, capsys).row("analytics.totals")
    assert (row["missing_rows"], row["extra_rows"], row["held_rows"]) == (2, 1, 2)
    assert {sample["customer"] for sample in row["missing"]} == {"c0", "c1"}
    assert row["extra"][0]["orders"] == 11
    assert '"orders": 11' in row["cause"]


def test_a_duplicate_too_many_is_found(shop: Shop, capsys: Capsys) -> None:
    shop.database.execute("create table shop.logs (line text); insert into shop.logs values ('a')")
    shop.create("select line from shop.logs")
    assert ask_verify(shop, capsys).status == 0
    spoil(shop, "alter table analytics.totals alter __pgt_row_id drop not null")
    spoil(shop, "insert into analytics.totals (line, __pgt_row_id) values ('a', null)")
    row = ask_verify(shop, capsys).row("analytics.totals")
    assert (row["extra_rows"], row["missing_rows"]) == (1, 0)


def test_sums_of_floating_numbers_may_have_been_added_up_in_another_order(
    shop: Shop, capsys: Capsys
) -> None:
    shop.database.execute(
        "create table shop.readings (id int primary key, f double precision, r real);"
        "insert into shop.readings values (1, 847.9999999999998, 20.333334), (2, 0.1, 'Infinity'),"
        "(3, 'NaN', 0)"
    )
    shop.create("select id, f, r, array[f] as l from shop.readings")
    assert ask_verify(shop, capsys).status == 0
    spoil(shop, "update analytics.totals set f = 848.0000000000001, r = 20.333336 where id = 1")
    assert ask_verify(shop, capsys).status == 0
    for spoilt in ("f = 848.00000001", "r = 20.34", "f = 'Infinity'", "r = 'NaN'"):
        spoil(shop, f"update analytics.totals set {spoilt} where id in (1, 2)")
        row = ask_verify(shop, capsys).row("analytics.totals")
        assert row["reason"] == "differs", spoilt
        spoil(
            shop,
            "update analytics.totals as t set f = r.f, r = r.r from shop.readings r "
            "where r.id = t.id",
        )


def test_every_type_is_compared_by_its_own_equality(shop: Shop, capsys: Capsys) -> None:
    shop.database.execute(KINDS)
    shop.create("select * from shop.kinds")
    assert ask_verify(shop, capsys).status == 0
    spoil(shop, "update analytics.totals set plain = '{\"a\": 2}' where id = 1")
    spoil(shop, "update analytics.totals set nothing = '' where id = 2")
    row = ask_verify(shop, capsys).row("analytics.totals")
    assert (row["missing_rows"], row["extra_rows"]) == (2, 2)


def test_changes_that_wait_for_a_refresh_are_no_difference(shop: Shop, capsys: Capsys) -> None:
    shop.create()
    shop.database.execute("insert into shop.orders values (1000, 'new', 5)")
    assert ask_verify(shop, capsys).status == 0


def test_a_change_far_upstream_is_no_difference(shop: Shop, capsys: Capsys) -> None:
    shop.create()
    shop.create("select orders, count(*) as n from analytics.totals group by orders", "analytics.b")
    shop.database.execute("insert into shop.orders values (1000, 'new', 5)")
    assert ask_verify(shop, capsys, ["analytics.b"]).status == 0


@contextlib.contextmanager
def writer(shop: Shop) -> Iterator[list[float]]:
    """Somebody who inserts rows without a pause; the seconds that each of them took."""
    ended = threading.Event()
    waited = [0.0]

    def write() -> None:
        with shop.database.connect() as connection:
            connection.execute("set statement_timeout = '2s'")
            while not ended.is_set():
                started = time.monotonic()
                connection.execute("insert into shop.orders values (nextval('numbers'), 'new', 5)")
                waited.append(time.monotonic() - started)

    shop.database.execute("create sequence numbers start 1000")
    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield waited
    finally:
        ended.set()
        thread.join()


def test_writers_at_work_are_no_difference(shop: Shop, capsys: Capsys) -> None:
    shop.create()
    with writer(shop):
        statuses = [ask_verify(shop, capsys).status for _ in range(5)]
    assert statuses == [0] * 5


SLOW = """
create function shop.slow(amount int) returns int language plpgsql immutable as
$$ begin perform pg_sleep(0.2); return amount; end $$
"""


def test_no_writer_waits_for_a_comparison_that_takes_long(shop: Shop, capsys: Capsys) -> None:
    shop.database.execute(SLOW)
    shop.create(
        "select customer, shop.slow(max(amount)) as most from shop.orders group by customer"
    )
    if shop.database.extension == "pg_trickle":
        # which has refreshes keep writers away
        shop.database.execute(render("pgtrickle__wait_for_writers"))
    with writer(shop) as waited:
        while len(waited) < 10:
            time.sleep(0.01)
        answer = ask_verify(shop, capsys)
    assert answer.status == 0
    assert max(waited) < 0.25


def test_what_differs_beside_a_writer_at_work_is_found_in_one_snapshot(
    shop: Shop, capsys: Capsys
) -> None:
    if shop.database.extension == "pg_trickle_lite":
        pytest.skip("the stand-in's refresh mends whatever differs")
    shop.create()
    spoil(shop, "delete from analytics.totals")
    shop.database.execute("insert into shop.orders values (1000, 'new', 5)")
    assert ask_verify(shop, capsys).row("analytics.totals")["reason"] == "differs"


def test_nobody_queues_behind_a_lock_that_an_open_transaction_keeps_from_us(
    shop: Shop, capsys: Capsys
) -> None:
    shop.create()
    with shop.database.connect(autocommit=False) as open_one:
        open_one.execute("insert into shop.orders values (999, 'open', 5)")
        with writer(shop) as waited:
            status = ask_verify(shop, capsys).status
    assert status == 0
    assert max(waited) < 0.25


def test_lost_changes_are_found_with_their_cause(shop: Shop, capsys: Capsys) -> None:
    shop.create()
    shop.database.execute("alter table shop.orders disable trigger all")
    shop.database.execute("insert into shop.orders values (1000, 'lost', 5)")
    row = ask_verify(shop, capsys).row("analytics.totals")
    assert row["reason"] == "differs"
    assert "capture triggers are disabled" in row["cause"]


def test_a_write_guard_that_is_off_is_named(shop: Shop, capsys: Capsys) -> None:
    shop.create()
    shop.database.execute(
        "alter table analytics.totals disable trigger all; "
        "delete from analytics.totals where customer = 'c0'"
    )
    assert "write guard is off" in ask_verify(shop, capsys).row("analytics.totals")["cause"]


def test_the_extensions_silent_double_count_is_found(shop: Shop, capsys: Capsys) -> None:
    if shop.database.extension != "pg_trickle":
        pytest.skip("a fault of the real extension")
    shop.database.execute("create table shop.lines (id int primary key, order_id int)")
    shop.create(
        "select customer, count(*) as n from shop.orders o where exists "
        "(select 1 from shop.lines l where l.order_id = o.id) group by customer"
    )
    shop.database.execute(
        "insert into shop.orders select i, 'c1', 1 from generate_series(100, 109) i; "
        "insert into shop.lines select i, i from generate_series(100, 109) i"
    )
    row = ask_verify(shop, capsys).row("analytics.totals")
    assert (row["reason"], row["missing_rows"]) == ("differs", 1)
    assert "invoke soak" in row["cause"]
    assert ask_verify(shop, capsys, repair=True, yes=True).status == 0


def test_a_query_with_order_and_limit_is_compared_with_both(shop: Shop, capsys: Capsys) -> None:
    shop.create("select id, amount from shop.orders order by id desc limit 3")
    answer = ask_verify(shop, capsys).row("analytics.totals")
    assert (answer["verdict"], answer["held_rows"]) == ("ok", 3)


def test_a_sample_compares_the_same_rows_on_both_sides(shop: Shop, capsys: Capsys) -> None:
    shop.create("select id, amount::numeric(10, 2) as amount from shop.orders")
    row = ask_verify(shop, capsys, extent=Extent(share=30)).row("analytics.totals")
    assert row["verdict"] == "ok"
    assert 0 < row["held_rows"] < 30


@pytest.mark.parametrize("extent", [Extent(share=0.01), Extent(since="id=1000")])
def test_that_no_row_was_compared_is_no_ok(shop: Shop, capsys: Capsys, extent: Extent) -> None:
    shop.create("select id, amount from shop.orders")
    row = ask_verify(shop, capsys, extent=extent).row("analytics.totals")
    assert (row["verdict"], row["reason"], row["held_rows"]) == ("warn", "nothing_compared", 0)
    assert row["remedy"] == "Compare all: invoke verify totals"


def test_an_empty_table_of_an_empty_query_was_compared(shop: Shop, capsys: Capsys) -> None:
    shop.create("select id, amount from shop.orders where amount > 100")
    answer = ask_verify(shop, capsys, extent=Extent(share=5))
    assert answer.row("analytics.totals")["verdict"] == "ok"


def test_since_compares_from_a_value_on(shop: Shop, capsys: Capsys) -> None:
    shop.create("select id, amount from shop.orders")
    spoil(shop, "update analytics.totals set amount = 99 where id = 5")
    assert ask_verify(shop, capsys, extent=Extent(since="id=6")).status == 0
    assert ask_verify(shop, capsys, extent=Extent(since="id=5")).status == 1


def test_since_with_an_unknown_column_is_refused(shop: Shop) -> None:
    shop.create("select id, amount from shop.orders")
    with pytest.raises(UserError, match="names no column") as raised:
        verify(shop.project, extent=Extent(since="idd=5"))
    assert "id, amount" in raised.value.remedy


def test_since_with_a_value_of_another_type_is_told(shop: Shop, capsys: Capsys) -> None:
    shop.create("select id, amount from shop.orders")
    row = ask_verify(shop, capsys, extent=Extent(since="id=abc")).row("analytics.totals")
    assert 'invalid input syntax for type integer: "abc"' in row["cause"]
    assert "Write --since with a value of that column's type" in row["remedy"]


def test_repair_rebuilds_after_a_question(
    shop: Shop, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.create()
    spoil(shop, "update analytics.totals set orders = 11 where customer = 'c1'")
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert verify(shop.project, repair=True) == 1
    assert "Rebuild analytics.totals on " in capsys.readouterr().out
    answer = ask_verify(shop, capsys, repair=True, yes=True)
    assert answer.status == 0
    assert answer.document["notes"] == ["analytics.totals bound again and filled anew"]
