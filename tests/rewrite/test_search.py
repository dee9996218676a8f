"""The search takes the nearest query that holds, and works on the piece that doesn't."""

from __future__ import annotations

import time
from collections.abc import Callable

from tasklib.tasks.rewrite.search import Candidate, Obstacle, Search
from tests.rewrite.shop import SCHEMA, spelt_out

Examine = Callable[[Candidate], Obstacle | None]
TOTALS = "select customer, sum(amount) filter (where kind = 'k1') as a from shop.orders group by 1"
JOINED = """
    with totals as (select order_id, sum(quantity) as total from shop.lines group by order_id)
    select o.id, totals.total from shop.orders o left join totals on totals.order_id = o.id
"""


def best(query: str, examine: Examine, seconds: float = 60.0) -> Candidate | None:
    search = Search(SCHEMA, False, time.monotonic() + seconds, examine)
    return search.best(spelt_out(query))


def holding(*words: str, without: tuple[str, ...] = ()) -> Examine:
    """An engine that keeps right what has these words in its pieces' SQL, and not those."""

    def examine(candidate: Candidate) -> Obstacle | None:
        for position, piece in enumerate(candidate.pieces):
            sql = piece.sql.lower()
            if "sum(" in sql and any(word in sql for word in without):
                return Obstacle(position, "wrong")
        sql = " ".join(piece.sql.lower() for piece in candidate.pieces)
        missing = [word for word in words if word not in sql]
        return Obstacle(len(candidate.pieces) - 1, "wrong") if missing else None

    return examine


def test_a_query_that_holds_is_left_as_it_is() -> None:
    found = best(TOTALS, holding())
    assert found is not None
    assert found.steps == ()


def test_steps_are_composed_until_it_holds() -> None:
    found = best(TOTALS, holding("case when", "coalesce", without=("filter",)))
    assert found is not None
    assert found.steps == ("FILTER as CASE", "sum guarded by a count")


def test_the_nearest_is_taken_before_one_with_more_stream_tables() -> None:
    found = best(JOINED, holding("coalesce"))
    assert found is not None
    assert len(found.pieces) == 1


def test_what_other_words_can_not_help_is_not_rewritten_further() -> None:
    asked: list[Candidate] = []

    def examine(candidate: Candidate) -> Obstacle:
        asked.append(candidate)
        return Obstacle(None, "differs")

    assert best(TOTALS, examine) is None
    assert len(asked) == 1


def test_nothing_is_examined_twice_and_the_search_ends() -> None:
    asked: list[tuple[str, ...]] = []

    def examine(candidate: Candidate) -> Obstacle:
        asked.append(tuple(piece.sql for piece in candidate.pieces))
        return Obstacle(0, "wrong")

    assert best(TOTALS, examine) is None
    assert len(asked) == len(set(asked)) >= 3


def test_the_search_stops_when_time_is_up() -> None:
    assert best(TOTALS, lambda _: Obstacle(0, "wrong"), seconds=0) is None


THREE = """
    with totals as (select order_id, sum(quantity) as total from shop.lines group by order_id),
    firsts as (select customer, min(at) as first from shop.orders group by customer)
    select o.id, totals.total, firsts.first from shop.orders o
    left join totals on totals.order_id = o.id left join firsts on firsts.customer = o.customer
"""


def test_what_holds_only_when_all_is_taken_apart_is_asked_early() -> None:
    asked: list[Candidate] = []

    def examine(candidate: Candidate) -> Obstacle | None:
        asked.append(candidate)
        held = [piece.sql.lower() for piece in candidate.pieces]
        simple = all("with " not in sql and sql.count(" join ") < 2 for sql in held)
        return None if simple and "sum(quantity)" not in "".join(held) else Obstacle(0, "wrong")

    found = best(THREE, examine)
    assert found is not None
    assert [piece.name for piece in found.pieces] == ["totals", "firsts", "joined", ""]
    assert found.steps == (
        "a subquery as a stream table of its own",
        "a join of many as stream tables of two each",
        "sum guarded by a count",
    )
    assert [len(one.pieces) for one in asked].index(4) < 10


def test_what_is_nearer_is_taken_all_the_same() -> None:
    found = best(THREE, holding("coalesce"))
    assert found is not None
    assert len(found.pieces) == 1


def test_a_function_in_from_is_not_taken_for_the_model() -> None:
    found = best(
        "with months as (select generated as month from generate_series(1, 12) as generated) "
        "select m.month, count(o.id) as n from months m "
        "left join shop.orders o on o.customer = m.month group by m.month",
        holding("nothing has this"),
        seconds=5,
    )
    assert found is None


def test_where_each_trial_takes_long_what_is_taken_apart_is_asked_next() -> None:
    asked: list[Candidate] = []

    def examine(candidate: Candidate) -> Obstacle | None:
        asked.append(candidate)
        time.sleep(0.5 if candidate.steps else 0)
        return None if len(candidate.pieces) == 4 else Obstacle(0, "wrong")

    found = best(THREE, examine, seconds=3.0)
    assert found is not None
    assert [len(one.pieces) for one in asked[:3]] == [1, 1, 4]
