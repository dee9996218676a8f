"""Advice: what it says of remembered verdicts, of the project and of the database."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import pytest
from psycopg import sql

from tasklib.tasks.advise.star import star_reaches_a_table
from tasklib.tasks.advise.task import advise
from tests.checks.shop import Answer, Shop

Capsys = pytest.CaptureFixture[str]
SUMS = "select customer, sum(amount) as amount from shop.orders group by customer"
WRONG = {
    "outcome": "wrong", "mode": "DIFFERENTIAL", "version": "pg_trickle 0.67.0",
    "change": 'shop.orders: {"id": 3} changed to {"amount": null}', "notes": [],
    "expected": [{"customer": "c1", "amount": None}], "found": [{"customer": "c1", "amount": 0}],
    "error": None,
}  # fmt: skip
SEEN = (
    "pg_trickle 0.67.0 doesn't keep it right incrementally: "
    'after shop.orders: {"id": 3} changed to {"amount": null}, '
    'expected {"amount": null, "customer": "c1"}, found {"amount": 0, "customer": "c1"}'
)
OTHER_WORDS = (
    "Known for it: sum() of values that are all NULL. Write case when count(x) > 0 then "
    "sum(coalesce(x, 0)) end; or invoke rewrite totals"
)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("select * from t", True),
        ("select t.* from t", True),
        ("select a.id, b.* from (select id from t) a join b on b.id = a.id", True),
        ("with x as (select * from t) select * from x", True),
        ("select id from a union all select * from b", True),
        ("select count(*) from t", False),
        ("with x as (select * from t) select id from x", False),
        ("with x as (select id from t) select * from x", False),
        ("select a.* from (select id from t) a join b on b.id = a.id", False),
        ("select id from t where exists (select * from u)", False),
        (
            "with recursive r as (select id, p from t union all "
            "select r.* from r join t on t.p = r.id) select * from r", False,
        ),
        ("no SQL (", False),
    ],
)  # fmt: skip
def test_a_star_counts_where_a_new_column_of_a_table_would_reach_the_result(
    query: str, expected: bool
) -> None:
    assert star_reaches_a_table(query) is expected


def remember(shop: Shop, trial: dict[str, Any], asked: str = "DIFFERENTIAL") -> None:
    """What dbt run leaves beside a stream table."""
    record = {"model": "model.shop.totals", "asked": asked, "trial": trial}
    with shop.database.connect() as connection:
        connection.execute(
            sql.SQL("comment on column analytics.totals.__pgt_row_id is {}").format(
                json.dumps(record)
            )
        )


def ask_advice(
    shop: Shop, capsys: Capsys, models: Sequence[str] = (), measure: bool = False
) -> Answer:
    capsys.readouterr()
    status = advise(shop.project, models, measure=measure, as_json=True)
    return Answer(status, json.loads(capsys.readouterr().out))


def causes(answer: Answer) -> str:
    return "\n".join(f"{row['subject']}: {row['cause']}" for row in answer.document["results"])


def test_what_the_trial_found_right_has_no_advice(shop: Shop, capsys: Capsys) -> None:
    shop.database.execute("alter table shop.orders drop constraint orders_pkey")
    shop.create(SUMS)
    remember(shop, {"outcome": "right", "mode": "DIFFERENTIAL", "version": "pg_trickle 0.67.0"})
    answer = ask_advice(shop, capsys)
    assert (answer.status, answer.document["results"]) == (0, [])


@pytest.mark.parametrize("asked", ["DIFFERENTIAL", "AUTO"])
def test_what_is_full_by_its_verdict_is_told_with_what_was_seen_and_other_words(
    shop: Shop, capsys: Capsys, asked: str
) -> None:
    shop.create(SUMS, refresh_mode="FULL")
    remember(shop, WRONG, asked)
    answer = ask_advice(shop, capsys)
    assert answer.status == 0
    assert answer.document["results"] == [
        {
            "subject": "analytics.totals", "verdict": "warn",
            "cause": f"asked for {asked}, in effect FULL: {SEEN}", "remedy": OTHER_WORDS,
        }
    ]  # fmt: skip


def test_what_stays_although_it_is_not_right_is_an_error(shop: Shop, capsys: Capsys) -> None:
    shop.create(SUMS)
    remember(shop, WRONG)
    answer = ask_advice(shop, capsys)
    row = answer.row("analytics.totals")
    assert (answer.status, row["verdict"]) == (1, "error")
    assert row["cause"] == f"it stays DIFFERENTIAL all the same: {SEEN}"
    assert row["remedy"] == f"{OTHER_WORDS}; or on_unsafe: full, which recomputes it"


def test_what_the_trial_refused_is_told_in_the_database_s_words(shop: Shop, capsys: Capsys) -> None:
    shop.create("select id from shop.orders intersect select id from shop.orders",
                refresh_mode="FULL")  # fmt: skip
    error = {"sqlstate": "42703", "message": 'column "g" does not exist'}
    remember(shop, {"outcome": "refused", "mode": "DIFFERENTIAL", "error": error})
    row = ask_advice(shop, capsys).row("analytics.totals")
    assert 'doesn\'t take it incrementally: column "g" does not exist' in row["cause"]
    assert row["remedy"].startswith("Known for it: INTERSECT or EXCEPT. Write EXISTS")


@pytest.mark.parametrize("outcome", ["unproved", "untried"])
def test_what_nothing_proved_is_a_warning(shop: Shop, capsys: Capsys, outcome: str) -> None:
    shop.create()
    note = "no row could be made for shop.orders"
    remember(shop, {"outcome": outcome, "mode": "DIFFERENTIAL", "notes": [note]})
    row = ask_advice(shop, capsys).row("analytics.totals")
    assert row["verdict"] == "warn"
    assert note in row["cause"]


def test_full_that_the_model_asks_for_has_no_advice(shop: Shop, capsys: Capsys) -> None:
    shop.create(SUMS, refresh_mode="FULL")
    remember(shop, {"outcome": "right", "mode": "FULL"}, "FULL")
    # pg_trickle's own opinion is told, and no more than that
    rows = ask_advice(shop, capsys).document["results"]
    assert [row for row in rows if "the extension recommends" not in row["cause"]] == []


def test_what_no_trial_looked_at_is_told_of_its_star_and_its_missing_key(
    shop: Shop, capsys: Capsys
) -> None:
    shop.database.execute("create table shop.logs (line text)")
    shop.create("select * from shop.logs")
    told = causes(ask_advice(shop, capsys))
    assert "analytics.totals: SELECT *" in told
    assert "shop.logs: note: it has no primary key" in told


@pytest.mark.parametrize("model_config", [", refresh_mode='AUTO'"])
def test_a_fallback_to_full_without_a_trial_is_told(shop: Shop, capsys: Capsys) -> None:
    shop.create(refresh_mode="FULL")
    row = ask_advice(shop, capsys).row("analytics.totals")
    assert "AUTO has fallen back to FULL" in row["cause"]
    assert row["remedy"] == "invoke rewrite totals"


def test_a_model_that_is_not_in_the_database_is_an_error(shop: Shop, capsys: Capsys) -> None:
    answer = ask_advice(shop, capsys)
    assert (answer.status, answer.row("analytics.totals")["verdict"]) == (1, "error")


def test_measuring_changes_nothing(shop: Shop, capsys: Capsys) -> None:
    shop.create("select customer, count(*) as orders from shop.orders group by customer")
    shop.database.execute("insert into shop.orders values (1000, 'new', 5)")
    before = shop.database.query("select * from pgtrickle.pgt_stream_tables")
    told = causes(ask_advice(shop, capsys, measure=True))
    assert "measured: incremental" in told
    assert shop.database.query("select * from pgtrickle.pgt_stream_tables") == before
    assert shop.database.value("select count(*) from analytics.totals") == 3


@pytest.mark.parametrize("between", [[], ["renamed"]], ids=["directly", "through_a_view"])
def test_a_stream_table_on_a_dbt_table_is_told(
    shop: Shop, capsys: Capsys, between: list[str]
) -> None:
    shop.create()
    path = shop.project.root / "target" / "manifest.json"
    manifest = json.loads(path.read_text())
    node = manifest["nodes"]["model.shop.totals"]
    for name in [*between, "staged"]:
        kind = "view" if name in between else "table"
        parent = {**node, "name": name, "config": {**node["config"], "materialized": kind}}
        node["depends_on"] = {"nodes": [f"model.shop.{name}"]}
        manifest["nodes"][f"model.shop.{name}"] = node = parent
    path.write_text(json.dumps(manifest))
    assert "it reads staged, a dbt table, which every run replaces" in causes(
        ask_advice(shop, capsys)
    )


def test_a_full_one_is_measured_incrementally_too_on_as_many_changes_as_wait(
    shop: Shop, capsys: Capsys
) -> None:
    query = "select customer, count(*) as orders from shop.orders group by customer"
    shop.create(query, refresh_mode="FULL")
    assert "incremental not measured: no changes wait" in causes(
        ask_advice(shop, capsys, measure=True)
    )
    shop.database.execute("insert into shop.orders values (1000, 'new', 5)")
    before = shop.database.query("select * from pgtrickle.pgt_stream_tables")
    told = causes(ask_advice(shop, capsys, measure=True))
    assert re.search(r"measured: incremental \d+ ms, full \d+ ms", told), told
    assert shop.database.query("select * from pgtrickle.pgt_stream_tables") == before
    assert shop.database.value("select max(id) from shop.orders") == 1000


def test_changes_are_counted_in_whatever_schema_the_server_buffers_them(
    shop: Shop, capsys: Capsys
) -> None:
    if shop.database.extension != "pg_trickle":
        pytest.skip("the stand-in has no change buffers")
    name = shop.database.params["dbname"]
    setting = "pg_trickle.change_buffer_schema"
    shop.database.execute(f"create schema buffers; alter database {name} set {setting} = buffers")
    shop.create("select id, amount from shop.orders", refresh_mode="FULL")
    shop.database.execute("update shop.orders set amount = 9 where id = 1")
    told = causes(ask_advice(shop, capsys, measure=True))
    assert re.search(r"measured: incremental \d+ ms, full \d+ ms", told), told
