"""A trial truncates what a query reads, too, as loaders do."""

from __future__ import annotations

import pytest

from tasklib.catalog.trial import try_query
from tests.lite.test_faults import TABLES
from tests.support.postgres import Database, Server

SECONDS = 20.0
PAIRS = "select o.id, l.id as l_id, l.q from public.o left join public.l on l.k = o.id"


@pytest.mark.parametrize(
    "query",
    ["select count(*) as n from public.o", "select count(*) as n, max(v) as m from public.o"],
)
def test_the_row_of_an_aggregate_that_a_truncate_takes_away_is_missed(
    server: Server, database: Database, query: str
) -> None:
    """0.67.0 empties what reads one table, and no row is no count of none."""
    database.execute(TABLES)
    with database.connect() as connection:
        found = try_query(connection, query, "DIFFERENTIAL", seconds=SECONDS)
    if server.extension == "pg_trickle_lite":
        assert found.outcome == "right"
    else:
        assert (found.outcome, found.change, found.found) == (
            "wrong",
            "public.o is truncated",
            None,
        )


@pytest.mark.parametrize(
    "query",
    ["select id, v from public.o", "select g, count(*) as n from public.o group by g", PAIRS],
)
def test_what_a_truncate_empties_rightly_is_right(database: Database, query: str) -> None:
    database.execute(TABLES)
    with database.connect() as connection:
        assert try_query(connection, query, "DIFFERENTIAL", seconds=SECONDS).outcome == "right"
