"""What a query depends on without naming it is found in its functions and under its tables."""

from __future__ import annotations

import pytest

from tasklib.catalog.trial import try_query
from tests.support.postgres import Database

TABLES = """
create table o (id int primary key, v numeric);
insert into o select i, i from generate_series(1, 10) i;
create table settings (k text primary key, v numeric);
insert into settings values ('vat', 0.2);
create function vat() returns numeric language sql stable
  as $$ select v from public.settings where k = 'vat' $$;
create function plain(v numeric) returns numeric language sql immutable
  as $$ select case when v is distinct from 1 then v end $$;
create table parent (id int primary key, v int);
insert into parent values (1, 1), (2, 2);
create table child () inherits (parent);
"""
READS = "select id, v * public.vat() as v from public.o"
BOTH = "select id, o.v * public.vat() as v, s.k from public.o join public.settings s on s.k = 'vat'"


@pytest.mark.parametrize(
    ("query", "mode", "change"),
    [
        (READS, "DIFFERENTIAL", "changes of public.settings, which public.vat() reads"),
        (READS, "FULL", "changes of public.settings, which public.vat() reads"),
        (BOTH, "DIFFERENTIAL", "changes of public.settings, which public.vat() reads"),
        (
            "select id, v from public.parent",
            "DIFFERENTIAL",
            "changes of public.child, which inherits public.parent",
        ),
        (
            "select id, v from public.parent",
            "FULL",
            "changes of public.child, which inherits public.parent",
        ),
    ],
)
def test_what_the_engine_does_not_watch_makes_a_query_wrong(
    database: Database, query: str, mode: str, change: str
) -> None:
    database.execute(TABLES)
    with database.connect() as connection:
        found = try_query(connection, query, mode)
    assert found.outcome == "wrong", found
    assert change in str(found.change)


@pytest.mark.parametrize(
    ("query", "mode"),
    [
        (BOTH, "FULL"),
        ("select id, public.plain(v) as v from public.o", "DIFFERENTIAL"),
        ("select id, v from public.o", "DIFFERENTIAL"),
    ],
)
def test_functions_that_read_nothing_else_are_no_obstacle(
    database: Database, query: str, mode: str
) -> None:
    database.execute(TABLES)
    with database.connect() as connection:
        found = try_query(connection, query, mode)
    assert found.outcome == "right", found
