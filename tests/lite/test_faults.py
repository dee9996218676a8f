"""Faults on request: off by default, and each is seen where the README says and only there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.conformance.stream_tables import create, error, history, info, refresh, rows
from tests.lite import test_contents
from tests.support.postgres import Database

TABLES = """
create table o (id int primary key, g text, v int, amt numeric);
create table l (id int primary key, k int, q int);
insert into o select i, 'g' || i % 3, i, i + 0.12345 from generate_series(1, 9) as i;
insert into l select i, i, i from generate_series(1, 5) as i;
"""
NEW_ORDER = "insert into o values (20, 'g9', 1, 1.23456)"
NEW_PAIR = NEW_ORDER + "; insert into l values (20, 20, 7)"
SUM = "select g, sum(v) as s from public.o group by g"
ALL_NULL = "update o set v = null where g = 'g1'"
EXISTS = "select o.id from public.o where exists (select from public.l where l.k = o.id)"
CAST = "select id, amt::numeric(10,2) as a from public.o"
WINDOW = "select id, g, v, row_number() over (partition by g order by id) as n from public.o"
NESTED_IN = (
    "select id from public.o where id in (select k from public.l where q in "
    "(select v from public.o as other group by v))"
)
PAIRS = (
    "select a.k as one, b.k as other, count(*) as n from public.l a "
    "join public.l b on a.q < b.q group by a.k, b.k"
)
COUNT_OF = "select o.id, (select count(*) from public.l where l.k = o.id) as n from public.o"


@dataclass(frozen=True)
class Case:
    """A fault, a query that it hits, a change that shows it, and what is cured by FULL."""

    fault: str
    query: str
    change: str = NEW_ORDER
    view: str = ""
    full_is_right: bool = True


WRONG = {
    "sum of nothing but NULLs": Case("sum_null", SUM, ALL_NULL),
    "sum without GROUP BY": Case(
        "sum_null", "select sum(v) as s from public.o", "update o set v = null"
    ),
    "sum of bigint": Case("sum_null", SUM.replace("(v)", "(v::bigint)"), ALL_NULL),
    "sum of smallint": Case("sum_null", SUM.replace("(v)", "(v::smallint)"), ALL_NULL),
    "sum of double precision": Case("sum_null", SUM.replace("(v)", "(v::float8)"), ALL_NULL),
    "sum of case": Case(
        "sum_null", SUM.replace("(v)", "(case when v > 3 then amt end)"), ALL_NULL
    ),
    "sum in a CTE": Case("sum_null", f"with t as ({SUM}) select g, s from t", ALL_NULL),
    "sum in a view": Case("sum_null", "select g, s from public.w", ALL_NULL, view=SUM),
    "sum of a view's column, aliased": Case(
        "sum_null", "select x.g, sum(x.v) as s from public.w as x group by x.g", ALL_NULL,
        view="select g, v from public.o",
    ),
    "exists": Case("exists_twice", EXISTS, NEW_PAIR),
    "exists, aggregated": Case(
        "exists_twice",
        "select count(*) as n from public.o join public.l on l.id = o.id "
        "where o.v > 0 and exists (select 1 from public.l as m where m.k = o.id and m.q > 0)",
        NEW_PAIR,
    ),
    "cast to numeric": Case("cast_modifier", CAST),
    "cast to varchar": Case(
        "cast_modifier", "select id, cast(amt::text as varchar(2)) as a from public.o"
    ),
    "cast inside a sum": Case(
        "cast_modifier", "select g, sum(amt::numeric(10,2)) as s from public.o group by g"
    ),
    "cast in a view": Case("cast_modifier", "select id, a from public.w", view=CAST),
    "count in a correlated scalar subquery": Case("full_wrong", COUNT_OF, full_is_right=False),
}  # fmt: skip
UNTOUCHED = {
    "sum, a group of NULLs never there": Case("sum_null", SUM),
    "exists, one table changed": Case("exists_twice", EXISTS),
    "not exists": Case("exists_twice", EXISTS.replace("exists", "not exists"), NEW_PAIR),
    "cast without a modifier": Case(
        "cast_modifier", "select id, amt::numeric as a, v::bigint as b from public.o"
    ),
    "neither window function nor union": Case("refresh_fails", SUM),
    "derived table that counts": Case(
        "full_wrong", "select c.n from (select count(*) as n from public.l where q > 99) as c",
        "insert into l values (20, 20, 7)",
    ),
}  # fmt: skip


@pytest.fixture
def source(database: Database) -> Database:
    """A database with two filled tables."""
    database.execute(TABLES)
    return database


def set_faults(database: Database, *faults: str) -> None:
    """What the sessions to come shall keep wrong in this database."""
    with database.connect() as connection:
        connection.execute(
            sql.SQL("alter database {} set pg_trickle_lite.faults = {}").format(
                sql.Identifier(database.params["dbname"]), ", ".join(faults)
            )
        )


def is_right(database: Database, query: str) -> bool:
    """Whether public.st has the rows of its query, duplicates counted."""
    columns = sql.SQL(", ").join(map(sql.Identifier, column_names(database, query)))
    with database.connect() as connection:
        return not connection.execute(
            sql.SQL(
                "(select {c} from public.st except all ({q})) union all "
                "(({q}) except all select {c} from public.st)"
            ).format(c=columns, q=sql.SQL(query))  # type: ignore[arg-type]
        ).fetchall()


def column_names(database: Database, query: str) -> list[str]:
    """The names of a query's columns."""
    with database.connect() as connection:
        return [column.name for column in connection.execute(query.encode()).description or ()]


def tried(database: Database, case: Case, mode: str) -> bool:
    """Create, change, refresh: whether the result is right."""
    if case.view:
        database.execute(f"create view w as {case.view}")
    create(database, "public.st", case.query, mode=mode)
    database.execute(case.change)
    refresh(database, "public.st")
    return is_right(database, case.query)


@pytest.mark.parametrize("name", WRONG)
def test_a_fault_is_off_by_default(source: Database, name: str) -> None:
    assert tried(source, WRONG[name], "DIFFERENTIAL")


@pytest.mark.parametrize("name", WRONG)
def test_a_fault_makes_an_incremental_refresh_wrong_and_says_that_it_was_one(
    source: Database, name: str
) -> None:
    case = WRONG[name]
    set_faults(source, case.fault)
    assert not tried(source, case, "DIFFERENTIAL")

    state = info(source, "public.st")
    assert state["status"] == "ACTIVE"
    assert state["effective_refresh_mode"] in ("DIFFERENTIAL", "APPEND_ONLY")
    assert history(source, "public.st")[-1]["action"] == "DIFFERENTIAL"


@pytest.mark.parametrize("name", WRONG)
def test_full_cures_what_it_is_said_to_cure(source: Database, name: str) -> None:
    set_faults(source, WRONG[name].fault)

    assert tried(source, WRONG[name], "FULL") is WRONG[name].full_is_right
    assert info(source, "public.st")["effective_refresh_mode"] == "FULL"


@pytest.mark.parametrize("name", [name for name in WRONG if WRONG[name].full_is_right])
def test_the_first_fill_is_right(source: Database, name: str) -> None:
    case = WRONG[name]
    set_faults(source, case.fault)
    source.execute(case.change)
    assert tried(source, replace(case, change="select"), "DIFFERENTIAL")


@pytest.mark.parametrize("name", UNTOUCHED)
def test_a_fault_leaves_other_queries_and_changes_right(source: Database, name: str) -> None:
    set_faults(source, UNTOUCHED[name].fault)

    assert tried(source, UNTOUCHED[name], "DIFFERENTIAL")


@pytest.mark.parametrize("name", ["sum of nothing but NULLs", "cast to numeric"])
def test_immediate_is_as_wrong_as_differential(source: Database, name: str) -> None:
    case = WRONG[name]
    set_faults(source, case.fault)
    create(source, "public.st", case.query, None, "IMMEDIATE")
    source.execute(case.change)

    assert not is_right(source, case.query)


@pytest.mark.parametrize("query", [WINDOW, "select v from public.o union select q from public.l"])
def test_refresh_fails_from_the_first_change_on_and_not_before(
    source: Database, query: str
) -> None:
    set_faults(source, "refresh_fails")
    create(source, "public.st", query)
    refresh(source, "public.st")
    source.execute(NEW_ORDER)
    raised = error(source, "select pgtrickle.refresh_stream_table('public.st')")

    assert raised.sqlstate == "42703"
    assert "does not exist" in str(raised)


def test_refresh_fails_not_in_full(source: Database) -> None:
    set_faults(source, "refresh_fails")

    assert tried(source, Case("refresh_fails", WINDOW), "FULL")


@pytest.mark.parametrize(
    ("query", "mode", "is_slow"),
    [
        (NESTED_IN, "DIFFERENTIAL", True),
        (NESTED_IN, "FULL", False),
        ("select id from public.o where id in (select k from public.l) "
         "and v in (select q from public.l)", "DIFFERENTIAL", False),
    ],
)  # fmt: skip
def test_refresh_slow_takes_its_time_with_an_in_inside_an_in(
    source: Database, query: str, mode: str, is_slow: bool
) -> None:
    set_faults(source, "refresh_slow")
    create(source, "public.st", query, mode=mode)
    assert seconds_to_refresh(source) < 1
    source.execute(NEW_ORDER)

    assert (seconds_to_refresh(source) >= 1.5) is is_slow
    assert is_right(source, query)


def seconds_to_refresh(database: Database) -> float:
    """How long the server takes for a refresh of public.st."""
    with database.connect() as connection:
        connection.execute("begin")
        refreshed = connection.execute(
            "with done as materialized (select pgtrickle.refresh_stream_table('public.st')) "
            "select extract(epoch from clock_timestamp() - now())::float8 as s from done"
        ).fetchone()
        connection.execute("commit")
    assert refreshed is not None
    return float(refreshed["s"])


@pytest.mark.parametrize("mode", ["AUTO", "DIFFERENTIAL", "FULL"])
def test_refused_is_refused_in_every_mode(source: Database, mode: str) -> None:
    set_faults(source, "refused")
    raised = error(source, CREATE_ST, "select id from o intersect select k from l", mode)

    assert raised.sqlstate == "42703"
    assert rows(source, "select * from pgtrickle.pgt_stream_tables") == []


def test_full_groups_is_refused_at_creation_unless_it_is_in_a_cte(source: Database) -> None:
    assert tried(source, Case("full_groups", PAIRS), "FULL")
    source.execute("select pgtrickle.drop_stream_table('public.st')")
    set_faults(source, "full_groups")
    assert error(source, CREATE_ST, PAIRS, "FULL").sqlstate == "23505"
    whole = f"with w as ({PAIRS}) select * from w"
    assert tried(source, Case("full_groups", whole, change="select"), "FULL")


def test_full_scalar_is_refused_at_creation_unless_it_is_in_a_cte_that_is_joined(
    source: Database,
) -> None:
    assert tried(source, Case("full_scalar", COUNT_OF), "FULL")
    source.execute("select pgtrickle.drop_stream_table('public.st')")
    set_faults(source, "full_scalar")
    assert error(source, CREATE_ST, COUNT_OF, "FULL").sqlstate == "23505"
    assert error(source, CREATE_ST, f"with w as ({COUNT_OF}) select * from w", "FULL")
    whole = f"with w as ({COUNT_OF}) select w.* from w left join (select 1 as one) as o on false"
    assert tried(
        source, Case("full_scalar", whole, change="insert into l values (90, 1, 1)"), "FULL"
    )


def test_full_set_fails_at_the_first_refresh_unless_it_is_in_a_cte(source: Database) -> None:
    query = "select id from public.o except select k from public.l"
    set_faults(source, "full_set")
    create(source, "public.st", query, mode="FULL")
    source.execute(NEW_ORDER)
    raised = error(source, "select pgtrickle.refresh_stream_table('public.st')")
    assert "more expressions than target columns" in str(raised)
    source.execute("select pgtrickle.drop_stream_table('public.st')")
    assert tried(
        source, Case("full_set", f"with w as ({query}) select * from w", "delete from l"), "FULL"
    )


def test_read_keyless_fails_what_is_over_a_table_without_a_key_once_another_reads_it(
    source: Database,
) -> None:
    set_faults(source, "read_keyless")
    source.execute("create table keyless as select * from o")
    create(source, "public.st", "select g, count(*) as n from public.keyless group by g")
    source.execute("insert into keyless values (30, 'g9')")
    refresh(source, "public.st")
    create(source, "public.reader", "select n from public.st")
    source.execute("insert into keyless values (31, 'g9')")
    raised = error(source, "select pgtrickle.refresh_stream_table('public.st')")
    assert raised.sqlstate == "42P10"
    source.query("select pgtrickle.alter_stream_table('public.st', refresh_mode => 'FULL')")
    refresh(source, "public.st")
    assert rows(source, "select n from st where g = 'g9'") == [(2,)]


def test_read_rows_is_refused_unless_it_is_in_a_cte_or_groups(source: Database) -> None:
    set_faults(source, "read_rows")
    source.execute("create table keyless as select * from o")
    create(source, "public.base", "select g from public.keyless")
    rows_of_it = "select g from public.base where g is not null"
    for mode in ("DIFFERENTIAL", "FULL"):
        assert error(source, CREATE_ST, rows_of_it, mode).sqlstate == "23505"
    create(source, "public.groups", "select g, count(*) as n from public.base group by g")
    create(source, "public.whole", f"with w as ({rows_of_it}) select * from w", mode="FULL")


CREATE_ST = "select pgtrickle.create_stream_table('public.st', %s, '1h', %s)"
VIEW_WITH_CTE = (
    "create view staged as with source as (select * from o), renamed as (select id, v from source) "
    "select * from renamed; create view over_it as select id, v from staged"
)


@pytest.mark.parametrize("view", ["staged", "over_it"])
def test_view_cte_is_refused_in_differential_and_auto_falls_back(
    source: Database, view: str
) -> None:
    set_faults(source, "view_cte")
    source.execute(VIEW_WITH_CTE)
    query = f"select id, v from public.{view}"
    raised = error(source, CREATE_ST, query, "DIFFERENTIAL")
    assert raised.sqlstate == "42P01"
    assert "table 'renamed' not found in the current search_path" in str(raised)

    assert tried(source, Case("view_cte", query), "AUTO")
    assert info(source, "public.st")["refresh_mode"] == "FULL"


def test_view_cte_leaves_a_cte_in_the_query_itself_alone(source: Database) -> None:
    set_faults(source, "view_cte")
    create(source, "public.st", "with t as (select id from public.o) select id from t")

    assert info(source, "public.st")["refresh_mode"] == "DIFFERENTIAL"


def test_top_k_is_recomputed_and_has_no_faults(source: Database) -> None:
    set_faults(source, "cast_modifier")

    assert tried(source, Case("cast_modifier", CAST + " order by a desc limit 3"), "DIFFERENTIAL")
    assert info(source, "public.st")["effective_refresh_mode"] == "TOP_K"


def test_faults_may_be_several_and_set_for_one_session(source: Database) -> None:
    create(source, "public.st", "select g, sum(amt::numeric(10,1)) as s from public.o group by g")
    source.execute("update o set amt = null where g = 'g1'")
    with source.connect() as connection:
        connection.execute("set pg_trickle_lite.faults = 'sum_null, cast_modifier'")
        connection.execute("select pgtrickle.refresh_stream_table('public.st')")

    found: dict[str, Any] = {row["g"]: row["s"] for row in source.query("select g, s from st")}
    assert found["g1"] == 0
    assert str(found["g0"]) == "18.37035"


def test_an_unknown_fault_is_an_error(source: Database) -> None:
    with source.connect() as connection:
        connection.execute("set pg_trickle_lite.faults = 'sum_nul'")
        with pytest.raises(psycopg.errors.InvalidParameterValue, match="no fault 'sum_nul'"):
            connection.execute(CREATE_ST, (SUM, "AUTO"))


@pytest.mark.parametrize("name", test_contents.QUERIES)
def test_what_no_fault_hits_stays_right_through_views_too(database: Database, name: str) -> None:
    database.execute(
        f"{test_contents.TABLES}; create schema views; create view views.o as select * from o; "
        "create view views.l as select * from l where q >= 0"
    )
    set_faults(database, "refused")
    query = test_contents.QUERIES[name].replace("public.", "views.")

    assert tried(database, Case("refused", query, "insert into o values (99)"), "DIFFERENTIAL")
