"""Each step says the same in other words, and leaves alone what it has no words for."""

from __future__ import annotations

import inspect

import pytest

from tasklib.tasks.rewrite.steps import COLUMNS, MODELS, SHAPES, WORDS
from tasklib.tasks.rewrite.steps.outer_join_as_join import outer_join_as_join
from tasklib.tasks.rewrite.steps.wide_model import add_columns
from tasklib.tasks.rewrite.tree import text
from tests.rewrite.cases import CASES, Case
from tests.rewrite.shop import SCHEMA, TABLES, normal, spelt_out
from tests.support.postgres import Database

EVERY = (*WORDS, *SHAPES, *MODELS, COLUMNS)
EACH = pytest.mark.parametrize("case", CASES, ids=lambda case: case.step.__name__)
PLAIN = "select id, customer, kind from shop.orders where kind = 'k1'"


@EACH
def test_a_step_writes_a_query_in_other_words(case: Case) -> None:
    given = spelt_out(case.query)
    before = text(given)
    rewritten = next(case.step(given, SCHEMA))
    assert normal(rewritten) == normal(spelt_out(case.rewritten))
    assert text(given) == before, "the query that is given stays as it is"


def test_every_step_has_a_case() -> None:
    tried = {case.step for case in CASES} | {add_columns}
    assert {step.apply for step in EVERY} == tried


def test_what_a_step_writes_gives_the_same_rows(database: Database) -> None:
    database.execute(TABLES)
    for case in CASES:
        one, other = f"({case.query})", f"({case.rewritten})"
        different = database.query(
            f"({one} except all {other}) union all ({other} except all {one})"
        )
        assert different == [], case.step.__name__


def test_columns_are_added_where_the_model_may_have_more() -> None:
    query = "select kind, row_number() over (order by at, id) as place from shop.orders"
    wide = next(add_columns(spelt_out(query), SCHEMA))
    assert wide.named_selects == ["id", "kind", "at", "place"]


@pytest.mark.parametrize("step", EVERY, ids=lambda step: step.apply.__name__)
def test_a_step_leaves_a_plain_query_alone(step: object) -> None:
    assert list(step.apply(spelt_out(PLAIN), SCHEMA)) == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "query",
    [
        "select l.id from shop.lines l left join shop.orders o on o.id = l.order_id"
        " where o.customer <> all (select id from shop.orders where kind = 'none')",
        "select l.id from shop.lines l left join shop.orders o on o.id = l.order_id"
        " where coalesce(o.customer, 1) = 1",
        "select x.n from (select p.customer, count(*) as n from shop.lines l left join shop.orders p"
        " on p.id = l.order_id group by p.customer) as x left join shop.orders o"
        " on o.id = x.customer",
        "select o.id, x.n from shop.orders o join (select coalesce(p.customer, 0) as c, count(*) as n"
        " from shop.lines l left join shop.orders p on p.id = l.order_id group by 1) as x"
        " on x.c = o.id",
    ],
)
def test_an_outer_join_whose_rows_are_read_stays_one(query: str) -> None:
    assert list(outer_join_as_join(spelt_out(query), SCHEMA)) == []


def test_every_step_is_documented() -> None:
    for step in EVERY:
        assert inspect.getdoc(step.apply), step.words
