"""What pg_trickle doesn't keep is said otherwise, and means the same; dbt run takes it by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from tests.flatten.functions import make
from tests.lite.test_faults import CAST, SUM, set_faults
from tests.lite.test_faults import TABLES as FAULTY
from tests.materialization.shop import stream_table, stream_table_model
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database, Server

Connection = psycopg.Connection[dict[str, Any]]
TABLES = """
create table t (id int primary key, g int, i int, n numeric, f float8, b bigint, s text);
insert into t select x, x % 4, case when x % 4 > 1 then x end, x / 7.0, x / 3.0, nullif(x % 3, 0), 'a)' || x % 2
from generate_series(1, 40) as x;
create table named ("Group" int, "A b" numeric, "Name" text, v int);
insert into named select x % 4, x % 5, 'n' || x % 3, nullif(x % 6, 0) from generate_series(1, 30) as x;
"""
CASES = {
    "a sum": "select g, sum(i) as s, sum(b) as b, sum(f) as f, sum(n) as n from t group by g",
    "a sum of all": "select sum(i) as s from t where g = 0",
    "a sum of times and of money": "select g, sum(make_interval(days => i)) as s, avg(make_interval(hours => b::int)) as a, "
    "sum(n::money) as m from t group by g",
    "a sum in an expression": "select g, coalesce(sum(i + 1), -1) + count(*) as s from t group by g",
    "an average": "select g, avg(i) as i, avg(n) as n, avg(f) as f, avg(b) as b, avg(i) filter (where b > 1) as w from t group by g",
    "a sum of CASE": "select g, sum(case when s = 'a)1' then i end) as s from t group by g",
    "FILTER": "select g, sum(n) filter (where s = 'a)1') as a, count(*) filter (where i > 5) as b, "
    "count(i) filter (where n > 1) as c, max(f) filter (where i > 20) as d from t group by g",
    "a cast": "select id, (n + 1)::numeric(10, 2) as a, (n * 10)::numeric(4) as b from t",
    "a cast in a sum": "select g, sum((n * 3)::numeric(8,1)) as s from t group by g",
    "a count over a window": "select g, id, count(*) over (partition by g) as n, count(*) filter (where i > 3) over () as c from t",
    "a sum of sums": "select sum(s) as s from (select sum(i) as s from t group by g) as sums",
    "parts of expressions": "select g, max(i) - min(i) as d, count(b) * 100 / count(*) as share, upper(max(s)) as u, "
    "round(stddev(n), 2) as dev, coalesce(max(f) filter (where id > 5), 0) as m, not bool_or(i > 30) as low from t group by g",
    "parts of expressions of a join": "select t.g, case when max(u.i) > t.g then min(u.n) + 1 end as c from t left join t as u on u.id = t.i "
    "where t.id > 3 or t.n is null group by t.g",
    "a name in capitals": 'select g, SUM(i) as "SUM" from t group by g having sum(i) > 3',
}
LEFT = {
    "no aggregate": "select id, i from t",
    "a window": "select id, sum(i) over (partition by g) as s from t",
    "DISTINCT": "select g, sum(distinct i) as s from t group by g",
    "a count": "select g, count(*) as a, count(i) as b, min(i) as c from t group by g",
    "HAVING": "select g from t group by g having sum(i) is null",
    "a column and a text": "select \"sum\", 'sum(x)' as x /* sum(y) */ from (select i as sum from t) as u",
    "another schema's": "select pg_catalog.sum(i) as s from t",
}
GROUPED = {
    "a surrogate key": "select md5(coalesce(g::text, '_') || '-' || s) as k, g, s, count(*) as n from t group by g, s",
    "a case, with HAVING": "select case when g = 1 then 'one' else s end as c, 1 as x, sum(i) as t from t "
    "where i > 3 group by s, g having count(*) > 1 order by 1",
}
THOROUGH = {
    "the least of a subquery": "select t.id, m.a, m.z, m.e from t left join (select g, min(n) as a, max(s) as z, "
    "bool_and(i > 3) as e, count(*) as c from t group by g) m on m.g = t.g",
    "the greatest of some": "with m as (select g, max(n) filter (where i > 5) as z from t group by g) select g, z from m",
}
ARMS = {
    "nothing named": "select s as a, g, 1 as one from t union select lower(s), g + 1, 2 from t",
    "other names": "select id, n from t union all select g as h, f as n from t except select i, n from t",
    "in a CTE": "with united as (select s, id from t where id < 3 union all select s || '!' as x, g from t) select s, count(*) as n from united group by s",
}
DEDUPLICATED = {
    "the newest of each": "select distinct on (g) g, id, s as note from t order by g, i desc nulls last, id",
    "of groups, in a subquery, twice": "select u.g, u.b from (select distinct on (b) b, g, m from (select g, b, max(i) as m from t "
    "group by g, b) as by_b order by b, m, g) as u join (select distinct on (s, g % 2) g from t where i > 3 order by s, g % 2, id) as v "
    "on v.g = u.g where u.b is not null",
    "of an aggregate itself, in a CTE": "with newest as (select distinct on (g) g, b, max(i) as m from t group by g, b order by g, max(i), b) "
    "select n.g, (n.m + 1) as more from newest n",
    "one inside another": "select distinct on (g) g, b from (select distinct on (b) b, g, id from t order by b, id) as one order by g, b",
    "plain, of expressions": "select distinct t.g, i % 2 as odd, 'x' as \"X y\" from t where i > 3 order by 1",
    "plain, of groups and windows": "select distinct count(*) as n, max(i) over () as m from t group by g, i",
    "plain, in a CTE and where IN looks": "with pairs as (select distinct g, lower(s) as s from t) "
    "select p.s, count(distinct p.g) as n from pairs p where p.g in (select distinct g from t where i > 3) group by p.s",
}
ANTI_JOINED = {
    "without a partner": "select t.id, t.s from t left join t as u on u.i = t.g and u.n > 2 where u.i is null and t.id > 3",
    "groups of them": "select t.g, count(*) as c from t left join t as u on u.id = t.i where u.id is null group by t.g",
    "without a key": "select t.id from t left join t as u on u.i > t.g and u.s = t.s where u.id is null",
    "without either": "select t.id from t left join t as u on u.id = t.i left join t as v on v.id = t.g + 90 "
    "where u.id is null and v.id is null",
    "joined, in a CTE": 'with alone as (select a.id, b.s as "S" from t as a join t as b on b.id = a.g left join t as "U v" '
    'on "U v".g = a.i and ("U v".n > 3 or a.id > 4) where "U v".g is null) select id, count(*) as n from alone group by id',
}
NAMES = {
    "groups": 'select "Group", count(*) as n, max("A b") as "Most", min(v) as v, sum(v) filter (where "Group" > 1) from named '
    'where "A b" > 0.5 group by "Group" having count(*) > 1 order by "Group"',
    "groups by what is computed": 'select upper("Name") as name, "Group" + 1 as "Group", max("A b") - min("A b") as d from named '
    'group by upper("Name"), "Group"',
    "a join": 'select a."Group", b."Name" as "select", a.v from named a join named b on a."A b" = b."A b" and b."Group" > 1 where a."Group" = 2',
    "groups of a join": 'select a."Group" as g, b."Group" as h, count(b.v) as n, sum(a."A b" * b.v) as s from named as a left join t on t.id = a."Group" '
    'join named as b on b."Name" = a."Name" where t.id is not null group by a."Group", b."Group"',
    "a join in a CTE": 'with pairs as (select a."Name", b.v from named a join named b on b."Group" = a."Group") select * from pairs where v > 3',
}
PLAIN = {
    "plain ones": "select t.g, count(*) as n from t join t as u on u.id = t.g group by t.g",
    "rows": 'select "Group" as g, "A b" from named where "A b" > 1',
}
JOINED = {
    "a column of it": "select t.id, u.s from t left join t as u on u.id = t.i where u.id is null",
    "or something else": "select t.id from t left join t as u on u.id = t.i where u.id is null or t.id > 3",
    "no equation": "select t.id from t left join t as u on u.i > t.i where u.i is null",
    "one of two equations": "select t.id from t left join t as u on u.i = t.i or u.g = t.g where u.i is null",
    "a column that may be NULL": "select t.id from t left join t as u on u.id = t.i where u.i is null",
    "with a partner": "select t.id from t left join t as u on u.id = t.i where u.id is not null",
    "a subquery": "select t.id from t left join (select g from t where i > 3) as u on u.g = t.i where u.g is null",
    "an inner join": "select t.id from t join t as u on u.id = t.i where u.id is null",
}
SELECTED = {
    "some of a window's columns": "select w.id, w.s from (select id, n, g, sum(i) over (partition by g) as s from t) as w",
    "expressions of groups": "select a.g as part, coalesce(a.s, 0) as s, a.s / nullif(a.n, 0) as mean, a.g || '!' as \"A g\" "
    "from (select g, sum(i) as s, count(*) as n from t where i > 3 group by g) as a",
    "of three": "select b.x from (select a.g + 1 as x, a.n from (select g, count(*) as n from t group by g) as a) as b",
}
UNSELECTED = {
    "a filter": "select w.id from (select id, sum(i) over (partition by g) as s from t) as w where w.s > 3",
    "one of many": "select 1 as one from (select count(*) as n from t) as a",
    "many of one": "select a.id from (select id, generate_series(1, 2) as n from t) as a",
    "a count of it": "select count(a.g) as n from (select g, count(*) as c from t group by g) as a",
    "a window over it": "select a.g, sum(a.n) over (order by a.g) as s from (select g, count(*) as n from t group by g) as a",
    "distinct rows": "select a.g from (select distinct g, s from t) as a",
    "as a whole": "select (a.*)::text as a from (select g, s from t) as a",
}
LIMITED = {
    "with a limit": "select distinct on (g) g, id from t order by g, id limit 2",
    "plain, with a limit": "select distinct g, b from t order by g limit 3",
    "where IN looks": "select id from t where g in (select distinct g + 1 from t)",
    "an arm": "select distinct g, b from t union all select 1, 2",
}
NAMED = {
    "the same names": "select id, s from t union select g as id, lower(s) as s from t",
    "one SELECT": "select (select max(i) from t) as m, s from t",
}
UNGROUPED = {
    "grouped by all it selects": "select g, lower(s) as l, 'x' as x, count(*) as n from t group by g, lower(s)",
    "grouping sets": "select upper(s) as u, count(*) as n from t group by rollup (s)",
    "arms": "select g from t union all select upper(s) from t group by s",
}


@pytest.fixture(scope="module")
def connection(server: Server) -> Iterator[Connection]:
    with server.database() as database, database.connect() as connection:
        connection.execute(TABLES.encode())
        make(connection, "pgtrickle__flat_function")
        yield connection


def _changed(connection: Connection, function: str, query: str) -> str | None:
    name, *thorough = function.split()
    arguments = "%s, true" if thorough else "%s"
    statement = f"select pg_temp.dbt_pgtrickle_{name}({arguments}) as words"
    words: str | None = connection.execute(statement.encode(), (query,)).fetchall()[0]["words"]
    return words


def _own_words(connection: Connection, query: str) -> str:
    """A query as PostgreSQL writes it down, as the function gets it."""
    with connection.transaction(force_rollback=True):
        connection.execute(f"create temporary view written as {query}".encode())
        statement = "select rtrim(pg_get_viewdef('written'::regclass), ';') as words"
        words: str = connection.execute(statement.encode()).fetchall()[0]["words"]
    return words


@pytest.mark.parametrize(
    ("function", "name"),
    [
        *(("explicit", name) for name in CASES),
        *(("grouped", name) for name in GROUPED),
        *(("explicit thorough", name) for name in CASES | THOROUGH),
        *(("arms", name) for name in ARMS),
        *(("deduplicated", name) for name in DEDUPLICATED),
        *(("selected", name) for name in SELECTED),
        *(("anti_joined", name) for name in ANTI_JOINED),
        *(("plain_names", name) for name in NAMES),
    ],
)
def test_other_words_give_the_same_rows_and_types(
    connection: Connection, function: str, name: str
) -> None:
    query = (CASES | GROUPED | THOROUGH | ARMS | DEDUPLICATED | SELECTED | ANTI_JOINED | NAMES)[
        name
    ]
    # PostgreSQL names the arms of a view alike, but not those below it
    query = query if function == "arms" else _own_words(connection, query)
    words = _changed(connection, function, query)
    assert words
    expected, found = (connection.execute(sql.encode()) for sql in (query, words))
    assert [(c.name, c.type_code) for c in found.description or ()] == [
        (c.name, c.type_code) for c in expected.description or ()
    ]
    for one, other in ((query, words), (words, query)):
        difference = f"select * from ({one}\n) a except all select * from ({other}\n) b"
        assert not connection.execute(difference.encode()).fetchall(), words


@pytest.mark.parametrize(
    ("function", "name"),
    [
        *(("explicit", name) for name in LEFT),
        *(("grouped", name) for name in LEFT | UNGROUPED),
        *(("explicit thorough", name) for name in LEFT),
        *(("arms", name) for name in LEFT | NAMED),
        *(("deduplicated", name) for name in LEFT | LIMITED),
        *(("selected", name) for name in UNSELECTED),
        *(("anti_joined", name) for name in LEFT | JOINED),
        *(("plain_names", name) for name in LEFT | PLAIN),
    ],
)
def test_what_has_no_other_words_is_left_as_it_is(
    connection: Connection, function: str, name: str
) -> None:
    query = (LEFT | UNGROUPED | NAMED | LIMITED | UNSELECTED | JOINED | PLAIN)[name]
    if name in JOINED | PLAIN:  # PostgreSQL's own words tell whose each column is
        query = _own_words(connection, query)
    assert _changed(connection, function, query) is None


def test_a_sum_and_a_cast_stay_incremental_by_themselves_and_right(
    server: Server, database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    database.execute(FAULTY)
    if server.extension == "pg_trickle_lite":
        set_faults(database, "sum_null", "cast_modifier")
    queries = {"totals": SUM, "rounded": CAST}
    project = dbt_project(
        {f"models/{n}.sql": stream_table_model(q, trial="on") for n, q in queries.items()}
    )
    result = project.dbt("run")
    assert "PGT06" not in result.log
    database.execute("update o set v = null where g = 'g1'; update o set amt = amt + 0.333")
    for name, query in queries.items():
        assert stream_table(database, name)["refresh_mode"] == "DIFFERENTIAL"
        database.query(f"select pgtrickle.refresh_stream_table('analytics.{name}')")
        columns = "g, s" if name == "totals" else "id, a"
        held = database.query(f"select {columns} from analytics.{name} order by 1")
        assert held == database.query(f"{query} order by 1")
    again = project.dbt("run").messages
    assert {again[name] for name in queries} == {"UNCHANGED"}


@pytest.mark.quick
def test_what_another_stream_table_has_captured_makes_no_sum_wrong(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    # 0.67.0 overlooks v in words like these, and drops its updates once a wider stream table is there
    by_hand = "select g, case when count(v) > 0 then sum(coalesce(v, 0)) end as s from public.o group by g"
    queries = {
        "a_wide_one": ("select id, amt + 1 as amt, v from public.o", "id, amt, v"),
        "by_hand": (by_hand, "g, s"),
        "ratios": (
            "select g, sum(v)::numeric / nullif(count(v), 0) as r from public.o group by g",
            "g, r",
        ),
        "spreads": (
            "select g, max(v) - min(v) as d, count(v) * 100 / count(*) as c from public.o group by g",
            "g, d, c",
        ),
        "totals": (SUM, "g, s"),
        "of_some": (SUM.replace("group by", "where id > 2 group by"), "g, s"),
    }
    database.execute(FAULTY)
    project = dbt_project(
        {f"models/{n}.sql": stream_table_model(q, trial="on") for n, (q, _) in queries.items()}
    )
    project.threads = 1
    assert "PGT06" not in project.dbt("run").log
    for change in ("update o set v = null where g = 'g1'", "update o set v = v + 1 where id = 3"):
        database.execute(change)
        for name, (query, columns) in queries.items():
            assert stream_table(database, name)["refresh_mode"] == "DIFFERENTIAL"
            database.query(f"select pgtrickle.refresh_stream_table('analytics.{name}')")
            held = database.query(f"select {columns} from analytics.{name} order by 1, 2")
            assert held == database.query(f"{query} order by 1, 2"), (name, change)


def test_rows_without_a_partner_stay_incremental_and_right(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    # 0.67.0 keeps a LEFT JOIN … IS NULL wrong
    database.execute(f"{TABLES}; create table u (id int primary key, g int)")
    alone = "select t.id, t.s from public.t left join public.u on u.g = t.id where u.id is null"
    dbt_project({"models/alone.sql": stream_table_model(alone, trial="on")}).dbt("run")
    assert stream_table(database, "alone")["refresh_mode"] == "DIFFERENTIAL"
    for change in (
        "insert into u select x, x from generate_series(1, 20) as x",
        "update u set g = null where id < 5; update u set g = 30 where id in (6, 7)",
        "delete from u where id > 15; insert into t values (99, 1); delete from t where id = 12",
    ):
        database.execute(change)
        database.query("select pgtrickle.refresh_stream_table('analytics.alone')")
        held = database.query("select id, s from analytics.alone order by id")
        assert held == database.query(f"{alone} order by t.id")


def test_columns_whose_names_need_quotes_are_grouped_and_joined_by_incrementally(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    # 0.67.0 forgets their quotes there
    database.execute(
        """
        create table "Orders" ("OrderID" int primary key, "CustomerID" int, "Unit Price" int);
        create table "Customers" ("CustomerID" int primary key, "Name" text);
        insert into "Orders" select x, x % 4, x from generate_series(1, 20) as x;
        insert into "Customers" select x, 'c' || x from generate_series(0, 4) as x;
        """
    )
    joined = 'public."Orders" o join public."Customers" c on c."CustomerID" = o."CustomerID"'
    queries = {
        "groups": 'select "CustomerID", count(*) as n, max("Unit Price") as most '
        'from public."Orders" group by "CustomerID"',
        "pairs": f'select o."OrderID", c."CustomerID", c."Name" as name from {joined}',
        "sums": f'select c."Name" as name, sum(o."Unit Price") as total from {joined} group by 1',
    }
    dbt_project(
        {f"models/{n}.sql": stream_table_model(q, trial="on") for n, q in queries.items()}
    ).dbt("run")
    for change in (
        """update "Orders" set "CustomerID" = 1 where "OrderID" < 5""",
        """delete from "Customers" where "CustomerID" = 2; update "Customers" set "Name" = 'x'""",
        """insert into "Orders" values (30, 4, null), (31, null, 5)""",
    ):
        database.execute(change)
        for name, query in queries.items():
            database.query(f"select pgtrickle.refresh_stream_table('analytics.{name}')")
            columns = {"groups": '"CustomerID", n, most', "pairs": '"OrderID", "CustomerID", name'}
            held = f"select {columns.get(name, 'name, total')} from analytics.{name}"
            for one, other in ((held, query), (query, held)):
                assert not database.query(f"{one} except all {other}"), (name, change)
    for name in queries:
        assert stream_table(database, name)["refresh_mode"] == "DIFFERENTIAL"


def test_a_long_query_takes_no_longer_than_its_length(connection: Connection) -> None:
    """Every token was compared with every other once."""
    items = ", ".join(f"sum(case when i > {n} then n else 0 end) as s{n}" for n in range(250))
    with connection.transaction():
        connection.execute("set local statement_timeout = '10s'")
        asked = connection.execute(
            "select pg_temp.dbt_pgtrickle_explicit(%s) as spelt", (f"select g, {items} from t",)
        )
        assert str(asked.fetchall()[0]["spelt"]).count("COALESCE(") == 250
