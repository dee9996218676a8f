"""Soak: the trial with random changes on top, of whom its verdicts are, and what is left of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import Any

import pytest
from psycopg import sql

from tasklib.base.errors import UserError
from tasklib.tasks.soak.task import Plan, soak
from tests.checks.shop import Answer, Shop, until
from tests.lite.test_faults import set_faults
from tests.support.postgres import ROOT

Capsys = pytest.CaptureFixture[str]
SHORT = Plan(rounds=6, sample=20)
SUMS = "select customer, sum(amount) as amount from shop.orders group by customer"
LEFTOVERS = """
    select nspname from pg_namespace where nspname ~ '^pgtrickle_(trial|soak)'
    union all
    select pgt_schema from pgtrickle.pgt_stream_tables where pgt_schema ~ '^pgtrickle_'
    union all
    select relname from pg_class
    where relnamespace = 'pgtrickle_changes'::regnamespace and relkind = 'r'
"""
KILLED = """
import sys
from pathlib import Path
from tasklib.project.project import Project
from tasklib.tasks.soak.task import Plan, soak
project = Project(Path(sys.argv[1]), "shop", "analytics", "external", 5432, "latest", "postgres")
soak(project, [], Plan(rounds=100000, timeout=60))
"""


def ask_soak(
    shop: Shop, capsys: Capsys, plan: Plan = SHORT, *models: str, everything: bool = False
) -> Answer:
    capsys.readouterr()
    status = soak(shop.project, models, plan, everything=everything, as_json=True)
    return Answer(status, json.loads(capsys.readouterr().out))


def test_a_model_that_stays_right_is_called_right_and_nothing_is_left(
    shop: Shop, capsys: Capsys
) -> None:
    shop.create("select customer, count(*) as n from shop.orders group by customer")
    everything = f"{LEFTOVERS} union all select t::text from shop.orders t order by 1"
    before = shop.database.query(everything)
    answer = ask_soak(shop, capsys)
    row = answer.row("analytics.totals")
    assert (answer.status, row["outcome"], row["cause"]) == (0, "right", "")
    assert row["moved"] > 10
    assert row["rounds"] > 15
    assert shop.database.query(everything) == before


def test_random_rounds_come_on_top_of_the_systematic_ones_and_a_seed_repeats_them(
    shop: Shop, capsys: Capsys
) -> None:
    shop.create("select customer, count(*) as n from shop.orders group by customer")
    few, many, again = (
        ask_soak(shop, capsys, Plan(rounds, 20, seed=7_000_003)).row("analytics.totals")
        for rounds in (1, 30, 30)
    )
    assert many["rounds"] - few["rounds"] == 29
    assert (many["rounds"], many["moved"]) == (again["rounds"], again["moved"])


def test_of_whom_a_verdict_is_stands_with_it(shop: Shop, capsys: Capsys) -> None:
    shop.create("select id, customer from shop.orders")
    answer = ask_soak(shop, capsys)
    version = answer.row("analytics.totals")["version"]
    assert version.startswith(f"{shop.database.extension} ")
    says_nothing = [note for note in answer.document["notes"] if "nothing about pg_trickle" in note]
    assert bool(says_nothing) is (shop.database.extension == "pg_trickle_lite")
    soak(shop.project, [], SHORT)
    assert version in capsys.readouterr().out


def test_what_is_not_kept_right_is_told_with_the_change_and_the_ways_out(
    shop: Shop, capsys: Capsys
) -> None:
    shop.create(SUMS)
    set_faults(shop.database, "sum_null")
    answer = ask_soak(shop, capsys)
    row = answer.row("analytics.totals")
    assert (answer.status, row["outcome"], row["verdict"]) == (1, "wrong", "error")
    assert row["found"][0]["amount"] == 0
    assert row["expected"][0]["amount"] is None
    assert "doesn't keep it right incrementally: after shop.orders: {" in row["cause"]
    assert row["remedy"] == (
        "Known for it: sum() of values that are all NULL. Write case when count(x) > 0 then "
        "sum(coalesce(x, 0)) end; or invoke rewrite totals; or Set refresh_mode: FULL, with which "
        "it stayed right"
    )


def test_what_full_keeps_wrong_too_becomes_a_table(shop: Shop, capsys: Capsys) -> None:
    shop.database.execute(
        "create table shop.lines (id int primary key, order_id int); "
        "insert into shop.lines select i, i from generate_series(1, 9) i"
    )
    shop.create(
        "select o.id, (select count(*) from shop.lines l where l.order_id = o.id) as n "
        "from shop.orders o", refresh_mode="FULL",
    )  # fmt: skip
    set_faults(shop.database, "full_wrong")
    row = ask_soak(shop, capsys).row("analytics.totals")
    assert (row["outcome"], row["verdict"]) == ("wrong", "error"), row
    assert row["remedy"].endswith("or Make it a plain dbt table: materialized: table")


@pytest.fixture
def neighbour(shop: Shop) -> Shop:
    """The shop with a stream table that is no model of its project."""
    shop.create("select customer, count(*) as n from shop.orders group by customer")
    shop.create("select id, customer from shop.orders", "shop.of_another_project")
    return shop


def test_other_projects_stream_tables_are_tried_when_asked(neighbour: Shop, capsys: Capsys) -> None:
    own, of_all, named = (
        {row["subject"] for row in answer.document["results"]}
        for answer in (
            ask_soak(neighbour, capsys),
            ask_soak(neighbour, capsys, everything=True),
            ask_soak(neighbour, capsys, SHORT, "shop.of_another_project"),
        )
    )
    assert own == {"analytics.totals"}
    assert of_all == {"analytics.totals", "shop.of_another_project"}
    assert named == {"shop.of_another_project"}


def test_a_name_that_nothing_has_is_an_error(shop: Shop, capsys: Capsys) -> None:
    answer = ask_soak(shop, capsys, SHORT, "totls")
    assert (answer.status, answer.row("totls")["reason"]) == (1, "not_found")


@pytest.mark.parametrize(
    ("option", "value"),
    [("rounds", 0), ("rounds", -3), ("sample", 0), ("timeout", 0.0), ("timeout", float("nan"))],
)
def test_a_plan_that_tries_nothing_is_refused(option: str, value: Any) -> None:
    with pytest.raises(UserError, match=f"--{option} {value} tries nothing") as refused:
        Plan(**{option: value})
    assert refused.value.exit_code == 2


def test_the_model_s_own_query_counts_where_the_extension_has_another_spelling(
    shop: Shop, capsys: Capsys
) -> None:
    shop.create("select id, customer from shop.orders")
    model = "select id, customer || '' as customer from shop.orders where id > 0"
    other = "select id, upper(customer) as customer from shop.orders"
    for query, outcome in ((model, "right"), (other, "wrong")):
        with shop.database.connect() as connection:
            connection.execute(
                sql.SQL("comment on column analytics.totals.__pgt_row_id is {}").format(
                    json.dumps({"query": query})
                )
            )
        assert ask_soak(shop, capsys).row("analytics.totals")["outcome"] == outcome


def test_a_query_that_fails_by_itself_on_some_rows_is_no_fault_of_the_engine(
    shop: Shop, capsys: Capsys
) -> None:
    shop.create("select id, 100 / amount as q from shop.orders where amount is not null")
    assert ask_soak(shop, capsys).row("analytics.totals")["outcome"] == "right"


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
    assert (answer.status, row["outcome"]) == (1, "untried")
    assert "no schemas here" in row["cause"]


def test_killed_it_leaves_nothing(shop: Shop) -> None:
    shop.create("select customer, count(*) as n from shop.orders group by customer")
    before = shop.database.query(LEFTOVERS)
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(shop.project.root)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    others = "from pg_stat_activity where query ~ 'dbt_pgtrickle_trial' and pid <> pg_backend_pid()"
    try:
        until(lambda: shop.database.query(f"select pid {others}"), "soak has not begun to try")
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert shop.database.query(LEFTOVERS) == before
    shop.database.query(f"select pg_terminate_backend(pid) {others}")
    until(lambda: not shop.database.query(f"select pid {others}"), "the server still tries")
    assert shop.database.query(LEFTOVERS) == before
