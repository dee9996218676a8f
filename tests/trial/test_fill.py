"""Thin and empty sources are filled: a result moves in its trial, its query's literals are met."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tasklib.catalog.trial import Trial, try_query
from tests.support.postgres import Database

SECONDS = 20.0


@dataclass(frozen=True)
class Case:
    """Empty tables, a query on them, and what a trial gives.

    Args:
        setup: makes the sources.
        query: what a stream table would have.
        real: the outcome on pg_trickle 0.67.0, each seen by hand as well.
        lite: the outcome on pg_trickle_lite.
    """

    setup: str
    query: str
    real: str = "right"
    lite: str = "right"


ENUM = "create type state as enum ('new', 'shipped', 'gone')"
STREAM_TABLE = (
    "create table t (id int primary key, s text not null, v int); "
    "select pgtrickle.create_stream_table('public.st', '{}', '1h', 'DIFFERENTIAL')"
)
KINDS = {
    "domain": Case(
        "create domain amount as numeric(8, 2) check (value > 0); "
        "create domain mail as text check (value ~ '@'); "
        "create domain state as text check (value in ('open', 'shut')); "
        "create table t (id int primary key, a amount, m mail, s state not null)",
        "select id, a, m, s from public.t where a > 0",
    ),
    "enum": Case(
        f"{ENUM}; create table t (id int primary key, s state not null, v int)",
        "select s, count(*) as n from public.t group by s",
    ),
    "array": Case(
        f"{ENUM}; create table t (id int primary key, a int[], b text[] not null, c state[])",
        "select id, a, b, c from public.t where cardinality(b) > 0",
    ),
    # json has no equality, which the extension's trigger on the source wants
    "json": Case(
        "create table t (id int primary key, v int not null, j json)",
        "select id, v, j from public.t", real="fails",
    ),
    "json that isn't read": Case(
        "create table t (id int primary key, v int not null, j json)",
        "select id, v from public.t",
    ),
    "jsonb": Case(
        "create table t (id int primary key, b jsonb not null)",
        "select id, b ->> 'status' as status from public.t where b ->> 'status' = 'paid'",
    ),
    "range": Case(
        "create table t (id int primary key, r int4range, d daterange not null, m int4multirange)",
        "select id, r, d, m from public.t where not isempty(d)",
    ),
    "uuid": Case(
        "create table t (id uuid primary key, other uuid not null, v int)",
        "select id, other, v from public.t where v > 3",
    ),
    "generated": Case(
        "create table t (id int primary key, v int not null, "
        "w int generated always as (v * 2) stored)",
        "select id, v, w from public.t where w > 4", real="fails",
    ),
    "virtual": Case(
        "create table t (id int primary key, v int not null, "
        "w int generated always as (v * 2) virtual)",
        "select id, v, w from public.t where w > 4", real="fails",
    ),
    "identity": Case(
        "create table t (id bigint generated always as identity primary key, v int not null)",
        "select id, v from public.t where v > 0",
    ),
    "not null": Case(
        "create table t (id smallint primary key, a int not null, b varchar(2) not null, "
        "c timestamptz not null, d boolean not null, e bytea not null, f interval not null, "
        "g inet not null, h time not null, i numeric(5, 3) not null)",
        "select id, a, b, c, d, e, f, g, h, i from public.t where a > 0",
    ),
    "check": Case(
        "create table t (id int primary key, a int not null check (a between 100 and 200), "
        "b text check (b in ('x1', 'x2')))",
        "select id, a, b from public.t where b = 'x2'",
    ),
    "composite key": Case(
        "create table t (day date, shop varchar(3), v numeric(6, 2), primary key (day, shop))",
        "select day, shop, v from public.t where day >= '2026-01-01'",
    ),
    "foreign key": Case(
        "create table c (id int primary key, n text); "
        "create table t (id int primary key, c int not null references c, v int)",
        "select t.id, c.id as cid, c.n, t.v from public.t join public.c on c.id = t.c",
    ),
    "partitioned by range": Case(
        "create table t (id int, at date not null, v int, primary key (id, at)) "
        "partition by range (at); "
        "create table t1 partition of t for values from ('2026-01-01') to ('2027-01-01')",
        "select id, at, v from public.t where v > 0",
    ),
    "partitioned by list": Case(
        "create table t (id int, s text, v int, primary key (id, s)) partition by list (s); "
        "create table t1 partition of t for values in ('a')",
        "select s, count(*) as n from public.t group by s",
    ),
    "partitioned by hash": Case(
        "create table t (id int primary key, v int) partition by hash (id); "
        "create table t1 partition of t for values with (modulus 1, remainder 0)",
        "select id, v from public.t where v > 0",
    ),
    "no key": Case(
        "create table t (a int, b text)", "select b, count(*) as n from public.t group by b"
    ),
    "unique but no key": Case(
        "create table t (code text unique nulls not distinct, v int)",
        "select code, v from public.t where v > 0",
    ),
    "stream table": Case(
        STREAM_TABLE.format("select id, s, v from public.t"),
        "select id, s, v from public.st where v > 1",
    ),
    "aggregated stream table": Case(
        STREAM_TABLE.format("select s, count(*) as n from public.t group by s"),
        "select s, n from public.st where n > 1",
    ),
    "view on a view": Case(
        "create table t (id int primary key, s text, v int); "
        "create view v1 as select id, s, v from t where v is not null; "
        "create view v2 as select id, s from v1 where s = 'paid'",
        "select id, s from public.v2",
    ),
    "view on a join": Case(
        "create table c (id int primary key, n text); "
        "create table t (id int primary key, c int not null, v int); "
        "create view v1 as select t.id, c.id as cid, c.n, t.v from t join c on c.id = t.c",
        "select id, cid, n, v from public.v1",
    ),
    "view with a CTE": Case(
        "create table t (id int primary key, s text); "
        "create view v1 as with x as (select id, s from t) select id, s from x",
        "select id, s from public.v1", real="refused",
    ),
    "materialized view": Case(
        "create table t (id int primary key, s text); "
        "create materialized view m as select id, s from t",
        "select id, s from public.m", real="refused", lite="refused",
    ),
    "names with a space": Case(
        'create schema "My Schema"; '
        'create table "My Schema"."T able" ("Id" int primary key, "a b" text not null)',
        """select "Id", "a b" from "My Schema"."T able" where "a b" = 'x y'""", real="fails",
    ),
    # both store a column without its modifier, and character alone is one character
    "char(3)": Case(
        "create table t (id int primary key, s char(3) not null)",
        "select id, s from public.t", real="refused", lite="refused",
    ),
    "a trigger that refuses every change": Case(
        "create function no() returns trigger language plpgsql as 'begin raise ''no''; end'; "
        "create table t (id int primary key, v int); create trigger no before insert or update "
        "or delete on t for each row execute function no()",
        "select id, v from public.t where v > 3",
    ),
    "a function of one's own": Case(
        "create function twice(i int) returns int immutable language sql as 'select i * 2'; "
        "create table t (id int primary key, v int not null)",
        "select id, v from public.t where public.twice(v) > 4",
    ),
}  # fmt: skip
LITERALS = {
    "equal": ("s text not null", "s = 'shipped'"),
    "enum": ("s state not null", "s = 'shipped'"),
    "one of": ("s varchar(20)", "s in ('on its way', 'shipped')"),
    "like": ("s text not null", "s like '%green%'"),
    "a number": ("n numeric(12, 2)", "n > 123456"),
    "between": ("n numeric(5, 3)", "n between 0.05 and 0.07"),
    "a day": ("at timestamptz not null", "at >= '2031-06-01' and at < '2031-07-01'"),
    "a month": ("at timestamp not null", "date_trunc('month', at) = '2019-05-01'"),
    "a year": ("at date not null", "extract(year from at) = 2019"),
    "days apart": ("a date not null, b date not null", "b > a + interval '90 days'"),
    "several at once": (
        "s text not null, k text not null, n int not null, at date not null",
        "s = 'shipped' and k = 'by air' and n < -40 and at > '2040-02-03'",
    ),
}
THREE = """
    create table customers (id int primary key, segment text not null);
    create table orders (id int primary key, customer int not null, at date not null);
    create table lines (id int primary key, order_id int not null, flag text not null, q int);
"""
THREE_QUERY = """
    select l.id, o.id as order_id, c.id as customer_id, l.q
    from public.customers c
    join public.orders o on o.customer = c.id
    join public.lines l on l.order_id = o.id
    where c.segment = 'BUILDING' and o.at < '1995-03-15' and l.flag = 'R'
"""


def tried(database: Database, query: str, mode: str = "DIFFERENTIAL") -> Trial:
    """A trial with time enough."""
    with database.connect() as connection:
        return try_query(connection, query, mode, seconds=SECONDS)


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_source_of_any_kind_is_filled_and_the_result_moves(
    database: Database, kind: str
) -> None:
    case = KINDS[kind]
    database.execute(case.setup)
    found = tried(database, case.query)
    wanted = case.real if database.extension == "pg_trickle" else case.lite
    assert (found.outcome, found.notes) == (wanted, []), found
    if wanted == "right":
        assert found.moved > 4, found
    if wanted == "fails":
        assert found.change
        assert found.error


@pytest.mark.parametrize(
    ("kind", "real"),
    [
        ("materialized view", "right"), ("view with a CTE", "right"), ("generated", "right"),
        ("range", "right"), ("json that isn't read", "fails"), ("char(3)", "refused"),
    ],
)  # fmt: skip
def test_full_is_tried_on_the_same_rows(database: Database, kind: str, real: str) -> None:
    case = KINDS[kind]
    database.execute(case.setup)
    found = tried(database, case.query, "FULL")
    lite = "refused" if kind == "char(3)" else "right"
    assert found.outcome == (real if database.extension == "pg_trickle" else lite), found
    assert found.moved > 4 or found.outcome != "right", found


@pytest.mark.parametrize("rows", [0, 100])
@pytest.mark.parametrize("kind", LITERALS)
def test_the_literals_of_a_query_are_reached_where_no_row_of_the_source_does(
    database: Database, kind: str, rows: int
) -> None:
    columns, condition = LITERALS[kind]
    database.execute(f"{ENUM}; create table t (id int primary key, {columns})")
    values = ", ".join(
        "'new'" if "state" in column or "text" in column or "varchar" in column
        else "0" if "int" in column or "numeric" in column else "'2025-01-01'"
        for column in columns.split(", ") if " " in column
    )  # fmt: skip
    database.execute(f"insert into t select i, {values} from generate_series(1, {rows}) i")
    found = tried(database, f"select * from public.t where {condition}")
    assert found.outcome == "right", found
    assert found.moved > 0, found


def test_rows_that_meet_every_condition_of_a_join_arrive_in_all_its_tables(
    database: Database,
) -> None:
    database.execute(THREE)
    found = tried(database, THREE_QUERY)
    assert (found.outcome, found.moved > 4) == ("right", True), found


def test_of_a_big_source_those_rows_are_taken_that_the_query_asks_for(database: Database) -> None:
    database.execute(
        "create table t (id int primary key, s text); "
        "insert into t select i, case i % 1000 when 0 then 'rare' else 'common' end "
        "from generate_series(1, 9000) i; analyze t"
    )
    with database.connect() as connection:
        found = try_query(
            connection, "select id, s from public.t where s = 'rare'", "DIFFERENTIAL",
            seconds=SECONDS,
            same_as="select id, s || '!' as s from public.t where s = 'rare'",
        )  # fmt: skip
    assert found.outcome == "wrong"
    assert [row["id"] % 1000 for row in found.found or ()] == [0, 0, 0]


@pytest.mark.parametrize(
    ("setup", "column", "type_"),
    [("create type pair as (x int, y text)", "c", "public.pair"), ("", "x", "xml")],
)
def test_what_no_value_can_be_made_for_is_said(
    database: Database, setup: str, column: str, type_: str
) -> None:
    database.execute(f"{setup}; create table t (id int primary key, {column} {type_}, v int)")
    found = tried(database, f"select id, {column}, v from public.t")
    assert found.notes == [f"no value could be made for {column} of public.t ({type_})"]


def test_a_trial_whose_result_never_moves_has_proved_nothing(database: Database) -> None:
    database.execute("create table t (id int primary key, v int)")
    assert tried(database, "select id, v from public.t where v <> v").outcome == "unproved"


def test_rows_that_a_view_fails_on_are_left_out_though_the_query_leaves_out_that_column(
    database: Database,
) -> None:
    database.execute(
        "create table t (id int primary key, code text, v int); "
        "create view shown as select id, v, code::int as code from t where code <> 'none'"
    )
    found = tried(database, "select id, v from public.shown where v > 3")
    assert found.outcome == "right", found
    assert "the query itself fails on some made rows, which were left out" in found.notes
