"""Soak: random changes in a scratch copy, and what is left of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tasklib.soak.rename import rename_relations
from tasklib.soak.shrink import smallest
from tasklib.soak.task import soak_models
from tasklib.soak.trial import Plan
from tests.checks.shop import Answer, Shop

Capsys = pytest.CaptureFixture[str]
SHORT = Plan(rounds=6, sample=20)
COPIES = {("shop", "orders"): "x_0.orders", ("Sh op", 'A "b"'): "x_1.a"}


@pytest.mark.parametrize(
    ("query", "renamed"),
    [
        ("select * from shop.orders", "select * from x_0.orders"),
        ('select * from "db"."shop"."orders" o', "select * from x_0.orders o"),
        ("select Shop.ORDERS.id from SHOP . orders", "select x_0.orders.id from x_0.orders"),
        ("select 'shop.orders', $$ shop.orders $$", "select 'shop.orders', $$ shop.orders $$"),
        (
            "select 1 -- shop.orders\n/* shop.orders */",
            "select 1 -- shop.orders\n/* shop.orders */",
        ),
        ("select shop.orders_old, orders.id", "select shop.orders_old, orders.id"),
        ('select * from "Sh op"."A ""b"""', "select * from x_1.a"),
        ("select 'it''s' || shop.orders.id", "select 'it''s' || x_0.orders.id"),
    ],
)
def test_relations_are_led_to_their_copies_and_nothing_else_is(query: str, renamed: str) -> None:
    assert rename_relations(query, COPIES) == renamed


def test_changes_are_left_out_until_each_that_is_left_is_needed() -> None:
    asked: list[list[int]] = []

    def faulty(changes: list[int]) -> bool:
        asked.append(changes)
        return {3, 5} <= set(changes)

    assert smallest([1, 2, 3, 4, 5, 6], faulty, 60) == [3, 5]
    assert [] not in asked


def test_without_time_to_try_all_changes_are_the_answer() -> None:
    assert smallest([1, 2], lambda _: True, 0) == [1, 2]


def test_a_wrong_round_is_told_with_the_fewest_changes_that_show_it(
    shop: Shop, capsys: Capsys
) -> None:
    shop.create("select id, customer from shop.orders")
    shop.database.execute(
        """
        alter extension pg_trickle_lite drop function pgtrickle.refresh_stream_table(text);
        alter function pgtrickle.refresh_stream_table(text) rename to refresh_rightly;
        create function pgtrickle.refresh_stream_table(name text) returns void language plpgsql
        as $$ begin
            perform pgtrickle.refresh_rightly(name);
            perform set_config('event_triggers', 'off', true);
            execute format('alter table %s disable trigger all', name);
            execute format('delete from %s where customer is null', name);
            execute format('alter table %s enable trigger all', name);
        end $$
        """
    ) if shop.database.extension == "pg_trickle_lite" else pytest.skip("the stand-in's refresh")
    answer = ask_soak(shop, capsys, Plan(rounds=40, sample=20))
    row = answer.row("analytics.totals")
    assert (answer.status, row["outcome"]) == (1, "wrong"), row
    # a new NULL, after what made room for its key at most
    assert len(row["changes"]) <= 2
    assert "None" in row["changes"][-1]
    assert row["difference"]["missing_rows"] == 1
    assert ask_soak(shop, capsys, Plan(rounds=40, sample=20)).row("analytics.totals") == row
    assert leftovers(shop) == []


def ask_soak(shop: Shop, capsys: Capsys, plan: Plan = SHORT) -> Answer:
    capsys.readouterr()
    status = soak_models(shop.project, [], plan, as_json=True)
    return Answer(status, json.loads(capsys.readouterr().out))


def leftovers(shop: Shop) -> list[Any]:
    return shop.database.query(
        "select nspname from pg_namespace where nspname like 'pgtrickle_soak%' "
        "union all select pgt_schema from pgtrickle.pgt_stream_tables "
        "where pgt_schema like 'pgtrickle_soak%'"
    )


def test_a_model_that_stays_right_is_called_right_and_nothing_is_left(
    shop: Shop, capsys: Capsys
) -> None:
    shop.create("select customer, count(*) as n from shop.orders group by customer")
    before = shop.database.query("select * from shop.orders order by id")
    answer = ask_soak(shop, capsys)
    assert (answer.status, answer.row("analytics.totals")["outcome"]) == (0, "right")
    assert leftovers(shop) == []
    assert shop.database.query("select * from shop.orders order by id") == before


def test_views_other_schemas_and_stream_tables_are_copied_too(shop: Shop, capsys: Capsys) -> None:
    shop.database.execute(
        "create schema old; create table old.orders (id int primary key, at date); "
        "insert into old.orders select i, now() from generate_series(1, 9) i; "
        "create view shop.pairs as "
        "select o.id, o.customer from shop.orders o join old.orders p on p.id = o.id"
    )
    shop.create("select customer, count(*) as n from shop.orders group by customer", "analytics.a")
    shop.create("select b.id, a.n from shop.pairs b join analytics.a on a.customer = b.customer")
    row = ask_soak(shop, capsys).row("analytics.totals")
    assert row["outcome"] != "not tried", row
    assert leftovers(shop) == []


def test_a_query_that_the_engine_gets_wrong_is_called_wrong_with_the_way_out(
    shop: Shop, capsys: Capsys
) -> None:
    if shop.database.extension != "pg_trickle":
        pytest.skip("a fault of the real extension; the stand-in recomputes")
    shop.database.execute("create table shop.lines (id int primary key, order_id int)")
    shop.database.execute("insert into shop.lines select i, i from generate_series(1, 9) i")
    shop.create(
        "select o.id, (select count(*) from shop.lines l where l.order_id = o.id) as n "
        "from shop.orders o", refresh_mode="FULL",
    )  # fmt: skip
    first = ask_soak(shop, capsys, Plan(rounds=30, sample=40))
    row = first.row("analytics.totals")
    assert (first.status, row["outcome"]) == (1, "wrong")
    assert row["changes"]
    assert "materialized='table'" in row["remedy"]
    assert leftovers(shop) == []
    again = ask_soak(shop, capsys, Plan(rounds=30, sample=40)).row("analytics.totals")
    assert (again["round"], again["changes"]) == (row["round"], row["changes"])


def test_a_query_whose_refresh_fails_is_called_failing(shop: Shop, capsys: Capsys) -> None:
    shop.create("select id, 1 / (case when customer is null then 0 else 1 end) q from shop.orders")
    answer = ask_soak(shop, capsys, Plan(rounds=40, sample=20))
    assert answer.status == 1
    assert answer.row("analytics.totals")["outcome"] == "failing"
    assert leftovers(shop) == []


def test_a_role_that_may_not_make_a_schema_gets_no_verdict_but_the_reason(
    shop: Shop, capsys: Capsys
) -> None:
    shop.create()
    shop.database.execute(
        "create function public.refuse() returns event_trigger language plpgsql "
        "as $$ begin raise 'no schemas here'; end $$; "
        "create event trigger no_schemas on ddl_command_start when tag in ('CREATE SCHEMA') "
        "execute function public.refuse()"
    )
    answer = ask_soak(shop, capsys)
    row = answer.row("analytics.totals")
    assert (answer.status, row["outcome"]) == (1, "not tried")
    assert "no schemas here" in row["cause"]
