"""The trial finds each fault that the stand-in can be asked for, and none where there is none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from tasklib.catalog.trial import Trial, try_query
from tests.conformance.test_trial import LEFTOVERS
from tests.lite.test_faults import (
    CAST,
    COUNT_OF,
    EXISTS,
    NESTED_IN,
    SUM,
    TABLES,
    VIEW_WITH_CTE,
    WINDOW,
)
from tests.support.postgres import Database, Server

MODES = ("DIFFERENTIAL", "FULL", "IMMEDIATE")


COUNT = "select g, count(*) as n from public.o group by g"


@dataclass(frozen=True)
class Case:
    """A fault, a query that it hits, and what a trial gives in each of MODES."""

    fault: str
    query: str
    outcomes: tuple[str, str, str]


CASES = [
    Case("sum_null", SUM, ("wrong", "right", "wrong")),
    # an IMMEDIATE one changes with one table at a time
    Case("exists_twice", EXISTS, ("wrong", "right", "right")),
    Case("cast_modifier", CAST, ("wrong", "right", "wrong")),
    Case("refresh_fails", WINDOW, ("fails", "right", "fails")),
    Case("refresh_slow", NESTED_IN, ("slow", "right", "slow")),
    Case("full_wrong", COUNT_OF, ("wrong", "wrong", "wrong")),
    Case(
        "refused", "select id from public.o intersect select k from public.l", ("refused",) * 3
    ),
    Case("view_cte", "select id, v from public.staged", ("refused", "right", "refused")),
]  # fmt: skip
EACH = pytest.mark.parametrize("case", CASES, ids=lambda case: case.fault)
IN_EACH_MODE = pytest.mark.parametrize("mode", MODES)


@pytest.fixture
def tables(server: Server, database: Database) -> Database:
    """Two filled tables, and a view with a CTE."""
    if server.extension != "pg_trickle_lite":
        pytest.skip("only the stand-in has faults on request")
    database.execute(f"create schema shop; create table shop.orders (); {TABLES}; {VIEW_WITH_CTE}")
    return database


@pytest.fixture
def connection(tables: Database) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    """A session of its own, whose setting says what is wrong."""
    with tables.connect() as opened:
        yield opened


def tried(connection: psycopg.Connection[dict[str, Any]], case: Case, mode: str) -> Trial:
    """A trial with the case's fault on."""
    connection.execute("select set_config('pg_trickle_lite.faults', %s, false)", (case.fault,))
    return try_query(connection, case.query, mode)


@EACH
@IN_EACH_MODE
def test_each_fault_is_found_in_the_modes_that_it_has(
    connection: psycopg.Connection[dict[str, Any]], case: Case, mode: str
) -> None:
    assert tried(connection, case, mode).outcome == case.outcomes[MODES.index(mode)]


@EACH
def test_without_faults_each_of_these_queries_is_right_and_its_result_moved(
    connection: psycopg.Connection[dict[str, Any]], case: Case
) -> None:
    for mode in MODES:
        found = try_query(connection, case.query, mode)
        assert (found.outcome, found.moved > 5) == ("right", True), found


@EACH
def test_nothing_of_a_trial_stays_and_no_row_of_a_source_is_touched(
    tables: Database, connection: psycopg.Connection[dict[str, Any]], case: Case
) -> None:
    everything = "select 'o', to_jsonb(o) from o union all select 'l', to_jsonb(l) from l"
    before = tables.query(LEFTOVERS), tables.query(everything)
    tried(connection, case, "DIFFERENTIAL")
    assert (tables.query(LEFTOVERS), tables.query(everything)) == before
    assert connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    assert tables.query("select * from pg_locks where relation = 'o'::regclass") == []


def test_what_a_query_leaves_open_hides_no_fault_in_what_it_determines(
    connection: psycopg.Connection[dict[str, Any]],
) -> None:
    """Of elements in no order several are right; of the sum beside them one is."""
    query = "select sum(v) as s, (select array_agg(id) from public.l) as ids from public.o"
    found = tried(connection, Case("sum_null", query, ("",) * 3), "DIFFERENTIAL")
    assert found.outcome == "wrong"
    assert [row["s"] for row in found.expected or ()] != [row["s"] for row in found.found or ()]


def test_what_is_wrong_is_told_with_the_smallest_change_and_both_results(
    connection: psycopg.Connection[dict[str, Any]],
) -> None:
    found = tried(connection, Case("cast_modifier", CAST, ("",) * 3), "DIFFERENTIAL")
    assert re.fullmatch(r'public\.o: {"id": 9101, "amt": [\d.]+} inserted', found.change or "")
    assert [row["a"] == round(row["a"], 2) for row in found.expected or ()] == [True] * 3
    assert [row["a"] == round(row["a"], 2) for row in found.found or ()] == [False] * 3
    assert found.version == "pg_trickle_lite 1.0"


def test_what_fails_is_told_with_the_change_and_the_database_s_own_words(
    connection: psycopg.Connection[dict[str, Any]],
) -> None:
    for mode in ("DIFFERENTIAL", "IMMEDIATE"):
        found = tried(connection, Case("refresh_fails", WINDOW, ("",) * 3), mode)
        told = r'public\.o: {"g": "g\d", "v": \d, "id": 9101} inserted'
        assert re.fullmatch(told, found.change or "")
        assert found.error == {"sqlstate": "42703", "message": "column st.id does not exist"}


def test_what_is_slow_is_told_with_both_times(
    connection: psycopg.Connection[dict[str, Any]],
) -> None:
    found = tried(connection, Case("refresh_slow", NESTED_IN, ("",) * 3), "DIFFERENTIAL")
    assert found.refresh_ms is not None
    assert found.query_ms is not None
    assert found.refresh_ms > 1500 > 10 * found.query_ms
    assert found.seconds < 4 * 3


def test_a_trial_that_is_not_over_proves_nothing(
    connection: psycopg.Connection[dict[str, Any]],
) -> None:
    found = try_query(connection, COUNT, "DIFFERENTIAL", seconds=0.0005)
    assert (found.outcome, found.unfinished) == ("unproved", True)
    assert found.notes == [f"time was up after {found.rounds} rounds"]
    assert try_query(connection, COUNT, "DIFFERENTIAL").outcome == "right"


def test_full_is_no_less_proved_on_a_busy_machine(
    connection: psycopg.Connection[dict[str, Any]],
) -> None:
    """Its seconds are over before the first round; it goes on until its result changed thrice."""
    found = try_query(connection, COUNT, "FULL", seconds=0.1)
    assert found.outcome == "right"
    assert found.moved >= 3
