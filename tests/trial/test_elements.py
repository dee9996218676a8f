"""What becomes an element of an array, or a row of one: NULLs and equal elements are tried."""

from __future__ import annotations

import pytest

from tasklib.catalog.trial import try_query
from tests.support.postgres import STAND_IN, Database

ROWS = """
create table lists (id int primary key, k int not null, amount numeric, tags text[]);
insert into lists select i, i % 3, i, array['a', 'b' || i % 2] from generate_series(1, 12) i;
"""


@pytest.mark.parametrize(
    ("query", "real"),
    [
        # 0.67.0 overlooks that a row goes whose element is NULL
        ("select k, array_agg(amount order by id) as a from public.lists group by k", "wrong"),
        # and two equal elements of one row get one number
        ("select id, tag from public.lists, unnest(tags) as tag", "wrong"),
        ("select k, string_agg(tags[1], '') as s from public.lists group by 1", "right"),
    ],
)  # fmt: skip
def test_elements_that_are_null_or_equal_are_tried(
    database: Database, query: str, real: str
) -> None:
    database.execute(ROWS)
    with database.connect() as connection:
        found = try_query(connection, query, "DIFFERENTIAL")
    # the stand-in takes no function in FROM
    stand_in = "refused" if "unnest" in query else "right"
    expected = stand_in if database.extension == STAND_IN else real
    assert found.outcome == expected, found
