"""Advice: what it finds in queries, in the project and in the database."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from tasklib.advise import advise
from tasklib.constructs import find, selects_star
from tests.checks.conftest import Parsed
from tests.checks.shop import Answer, Shop

Capsys = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("select id, v from t where v > 2", []),
        ("select g, count(*) from t group by g", []),
        ("select g, sum(coalesce(v, 0)) from t group by g", []),
        ("select a.id from a join b on b.id = a.id", []),
        ("select id from t where v in (select v from u)", []),
        ("select id from t where exists (select 1 from u where u.id = t.id)", []),
        ("select * from (select id from t) s", []),
        ("select g, sum(v) from t group by g", ["sum of a value that may be NULL, by group"]),
        ("select count(*) filter (where v > 1) from t", ["aggregate with FILTER"]),
        ("select distinct on (g) g, v from t order by g, v", ["DISTINCT ON"]),
        ("select a.id from a left join b on b.id = a.id", ["LEFT JOIN"]),
        ("select a.id from a full join b on b.id = a.id", ["FULL JOIN"]),
        ("select b.g, count(*) from a join b using (id) group by b.g", ["aggregate over a join"]),
        (
            "select g, count(*) from t where exists (select 1 from u where u.id = t.id) group by g",
            ["aggregate over EXISTS"],
        ),
        (
            "select t.id, (select count(*) from u where u.id = t.id) from t",
            ["correlated scalar subquery"],
        ),
        ("select id from t where v > (select avg(v) from u)", ["scalar subquery"]),
        ("with c as (select id from t) select * from c x join c y using (id)", ["CTE used twice"]),
        ("with recursive r as (select 1 as n) select n from r", ["recursive CTE"]),
        ("select id from a union all select id from b", ["UNION ALL"]),
        ("select id from a union select id from b", ["UNION"]),
        ("select id from a intersect select id from b", ["INTERSECT"]),
        ("select id from a except select id from b", ["EXCEPT"]),
        ("select id, row_number() over (order by id) from t", ["window function"]),
        ("select g, count(*) from t group by rollup (g)", ["GROUPING SETS, ROLLUP or CUBE"]),
        ("select u from t, unnest(t.tags) as u", ["unnest"]),
        ("select a.id from a join b on a.v is not distinct from b.v", ["IS NOT DISTINCT FROM"]),
    ],
)
def test_constructs_known_to_go_wrong_are_found_in_the_parsed_query(
    query: str, names: list[str]
) -> None:
    assert [construct.name for construct in find(query)] == names


def test_text_that_only_looks_like_a_construct_is_none() -> None:
    assert list(find("select 'left join union all' as t from a -- except\n")) == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [("select * from t", True), ("select t.* from t", True), ("select count(*) from t", False)],
)
def test_select_star_is_told_from_count_star(query: str, expected: bool) -> None:
    assert selects_star(query) is expected


def ask_advice(
    shop: Shop, capsys: Capsys, models: Sequence[str] = (), measure: bool = False
) -> Answer:
    capsys.readouterr()
    status = advise(shop.project, models, measure=measure, as_json=True)
    return Answer(status, json.loads(capsys.readouterr().out))


def causes(answer: Answer) -> str:
    return "\n".join(f"{row['subject']}: {row['cause']}" for row in answer.document["results"])


def test_advice_names_the_construct_the_star_and_the_missing_key(
    shop: Shop, capsys: Capsys
) -> None:
    shop.database.execute("create table shop.logs (line text)")
    shop.create("select * from shop.logs", "analytics.raw")
    shop.create("select customer, sum(amount) as amount from shop.orders group by customer")
    told = causes(ask_advice(shop, capsys, models=["totals", "raw"]))
    assert "analytics.raw: SELECT *" in told
    assert "analytics.totals: sum of a value that may be NULL" in told
    assert "shop.logs: note: it has no primary key" in told


def test_a_full_table_is_not_warned_of_incremental_faults(shop: Shop, capsys: Capsys) -> None:
    shop.create(refresh_mode="FULL")
    assert "incrementally" not in causes(ask_advice(shop, capsys))


@pytest.mark.parametrize("model_config", [", refresh_mode='AUTO'"])
def test_a_fallback_to_full_is_told(shop: Shop, capsys: Capsys) -> None:
    shop.create(refresh_mode="FULL")
    assert "AUTO has fallen back to FULL" in causes(ask_advice(shop, capsys))


def test_measuring_changes_nothing(shop: Shop, capsys: Capsys, parsed: Parsed) -> None:
    shop.create("select customer, count(*) as orders from shop.orders group by customer")
    shop.database.execute("insert into shop.orders values (1000, 'new', 5)")
    before = shop.database.query("select * from pgtrickle.pgt_stream_tables")
    told = causes(ask_advice(shop, capsys, measure=True))
    assert "measured: incremental" in told
    assert shop.database.query("select * from pgtrickle.pgt_stream_tables") == before
    assert shop.database.value("select count(*) from analytics.totals") == 3


def test_a_stream_table_on_a_dbt_table_is_told(shop: Shop, capsys: Capsys, tmp_path: Path) -> None:
    shop.create()
    path = shop.project.root / "target" / "manifest.json"
    manifest = json.loads(path.read_text())
    node = manifest["nodes"]["model.shop.totals"]
    parent = {**node, "name": "staged", "config": {**node["config"], "materialized": "table"}}
    node["depends_on"]["nodes"] = ["model.shop.staged"]
    manifest["nodes"]["model.shop.staged"] = parent
    path.write_text(json.dumps(manifest))
    assert "it reads staged, a dbt table, which every run replaces" in causes(
        ask_advice(shop, capsys)
    )


def test_a_projection_whose_key_pg_trickle_mistakes_is_named(shop: Shop, capsys: Capsys) -> None:
    shop.create("select customer, id from shop.orders")
    told = causes(ask_advice(shop, capsys))
    assert (
        "columns of shop.orders in another order than that table's, or without its key (id)" in told
    )
    shop.alter(refresh_mode="FULL")
    assert "in another order" not in causes(ask_advice(shop, capsys))


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
