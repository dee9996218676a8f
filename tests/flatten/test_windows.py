"""Windows, first rows, joins and HAVING in words that pg_trickle keeps right, some with columns that nobody sees who selects by dbt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from tests.flatten.functions import make
from tests.materialization.shop import stream_table, stream_table_model
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database, Server

Connection = psycopg.Connection[dict[str, Any]]
TABLES = """
create table t (id int primary key, g int, i int, n numeric not null, at timestamp not null, s text);
insert into t select x, nullif(x % 4, 0), case when x % 4 > 1 then x % 9 end, x / 7.0,
  '2026-01-01'::timestamp + x % 7 * interval '40 hours', 'a' || x % 2
from generate_series(1, 40) as x;
create table pairs (a int, b int, v text, primary key (a, b));
insert into pairs select x % 5, x, 'v' || x % 3 from generate_series(1, 20) as x;
create table keyless (a int, b int, v text);
insert into keyless select * from pairs;
"""
FIRST_ROWS = {
    "the newest of each": "select id, s from (select *, row_number() over (partition by g order by at desc, id) as r from t where n > 1) x where r = 1",
    "its number too": "select * from (select id, g, row_number() over (partition by g, s order by i nulls first, id desc) as r from t) x where r = 1",
    "of renamed columns, joined": "select x.key, p.v from (select row_number() over (partition by part order by at, key) as r, key, part from "
    "(select id as key, g + 1 as part, at from t) as u) x join pairs p on p.a = x.part where x.r = 1 and p.b > 3",
    "where there may be none": "select p.b, x.s from pairs p left join (select *, row_number() over (partition by g order by id) as r from t) x "
    "on x.g = p.a and x.r = 1",
    "a key of two columns": "select a, v from (select a as part, *, row_number() over (partition by a order by b desc) as r from pairs) x where r = 1",
    "of all": "select id from (select id, row_number() over (order by n desc, id) as r from t) x where r = 1",
}
NO_FIRST_ROWS = {
    "two may stand together": "select id from (select id, row_number() over (partition by g order by at) as r from t) x where r = 1",
    "the second": "select id from (select id, row_number() over (partition by g order by id) as r from t) x where r = 2",
    "or something else": "select id from (select id, n, row_number() over (partition by g order by id) as r from t) x where r = 1 or n > 3",
    "half of a key": "select v from (select *, row_number() over (partition by v order by a) as r from pairs) x where r = 1",
    "a join": "select x.id from (select t.id, row_number() over (partition by t.g order by t.id) as r from t join pairs p on p.a = t.g) x where x.r = 1",
    "where it is NULL too": "select p.b from pairs p left join (select g, row_number() over (partition by g order by id) as r from t) x "
    "on x.g = p.a where x.r = 1",
    "joins on the second side": "select k.v, x.s from keyless k left join ((select *, row_number() over (partition by g order by id) as r from t) x "
    "join pairs p on p.a = x.g) on p.b = k.b where x.r = 1",
    "rank()": "select id from (select id, rank() over (partition by g order by id) as r from t) x where r = 1",
}
WINDOWED = {
    "in expressions": "select id, n - lag(n) over (partition by g order by at, id) as d, case when row_number() over (partition by g order by id) = 1 "
    "then 'new' else s end as c, row_number() over (partition by g order by id) as r from t where i is null or i > 2",
    "by expressions": "select id as key, sum(n) over (partition by date_trunc('day', at), lower(s) order by id desc rows between 1 preceding and "
    "current row) as s from t",
    "of a join": 'select t.id, p.b, p.v as "V w", t.n / nullif(sum(t.n) over (partition by p.v), 0) as share from t join pairs p on p.a = t.g',
    "filtered": "select id, count(*) filter (where i > 3) over (partition by g) as c from t",
}
NO_WINDOW = {
    "no window": "select id, n from t",
    "in a subquery": "select x.id, x.c + 1 as c from (select id, lead(i) over (order by id) as c from t) as x",
    "of groups": "select g, sum(count(*)) over (order by g) as s from t group by g",
    "distinct ones": "select distinct g, first_value(id) over (partition by g order by id) as f from t",
}
KEYED = {
    "a join": "select t.s, p.v from t left join pairs p on p.a = t.g and p.b > 3",
    "columns of a table": "select t.g, upper(t.s) as s from t where n > 1",
    "of one without a key": "select k.v from keyless k",
    "of a subquery": "select x.s from (select s, id as key from t) as x join pairs p on p.b = x.key",
}
NOT_KEYED = {
    "all keys": "select t.id, p.a, p.b from t join pairs p on p.a = t.g",
    "groups": "select g, count(*) as n from t group by g",
    "distinct rows": "select distinct s from t",
    "arms": "select s from t union all select v from pairs",
}
JOINED_TABLES = {
    "what is computed where there may be nothing": "select t.id, x.v, x.w from t left join (select a, b as bb, upper(v) as v, coalesce(v, '?') || a as w "
    "from pairs where b > 4) x on x.bb = t.g",
    "both sides": "select x.k, y.w || x.u as w from (select id as k, upper(s) as u, g from t) x join (select a, b, v || '!' as w from pairs) y on y.a = x.g "
    "where y.w <> 'v1!'",
}
NOT_JOINED_TABLES = {
    "no join": "select x.k from (select id as k from t where n > 1) x",
    "without its key": "select t.id, x.v from t join (select a, v from pairs) x on x.a = t.g",
    "groups": "select t.id, x.c from t left join (select a, count(*) as c from pairs group by a) x on x.a = t.g",
    "joins on the second side": "select k.v, x.w from keyless k left join ((select a, b, coalesce(v, '?') as w from pairs) x "
    "join t on t.id = x.b) on x.a = k.b",
    "a full join": "select t.id, x.v from t full join (select a, b, upper(v) as v from pairs) x on x.a = t.g",
}
GROUPS_APART = {
    "a group's own columns": "select g, p.v, g * count(*) - coalesce(sum(t.n), 0) as d from t join pairs p on p.a = t.g group by g, p.v "
    "having g + count(*) > 3 or p.v = 'v1'",
    "what is computed of them": "select 1 as one, id % 3 as k, max(n) - min(n) as d, count(*)::numeric / nullif(count(i), 0) as r from t group by id % 3",
    "what isn't selected": "select g, count(*) as n from t where id > 2 group by g having sum(i) > 5 and count(*) between 2 and 20",
    "what is": "select lower(s) as s, g, max(at) as \"Last\" from t group by lower(s), g having max(at) > '2026-01-03' or avg(n) is null",
}
NOT_APART = {
    "nothing but aggregates": "select g, lower(s) as l, count(*) as n from t group by g, lower(s)",
    "distinct ones": "select distinct count(*) + 1 as n from t group by g",
    "windows over them": "select g, sum(count(*)) over (order by g) as n from t group by g",
}
LOOKED_UP = {
    "counts and sums": "select t.id, (select count(*) from pairs p where p.a = t.g and p.b > 4) as n, t.s, (select coalesce(sum(b), 0) + max(p.a) "
    'from pairs p where t.g = p.a) as "T o" from t where t.n > 1',
    "whether there is one": "select t.id, exists (select 1 from pairs p where p.v <> 'v1' and p.a = t.i) as has, "
    "case when not exists (select from pairs q join keyless k on k.a = q.a where q.b = t.id) then 'none' end as other from t",
}
NOT_LOOKED_UP = {
    "no subquery": "select id, n from t",
    "of two columns": "select t.id, (select count(*) from pairs p where p.a = t.g and p.b > t.i) as n from t",
    "any row": "select t.id, (select v from pairs p where p.b = t.id) as v from t",
    "one for all": "select id, (select max(b) from pairs) as m from t",
    "or something else": "select t.id, exists (select 1 from pairs p where p.a = t.g or p.b = 3) as e from t",
    "in WHERE": "select t.id from t where exists (select 1 from pairs p where p.a = t.g)",
    "of groups": "select t.g, (select count(*) from pairs p where p.a = t.g) as n from t group by t.g",
}
OTHERS = {
    "looked_up": LOOKED_UP,
    "first_rows": FIRST_ROWS,
    "windowed": WINDOWED,
    "keyed": KEYED,
    "joined_tables": JOINED_TABLES,
    "groups_apart": GROUPS_APART,
}
NONE = {
    "looked_up": NOT_LOOKED_UP,
    "first_rows": NO_FIRST_ROWS,
    "windowed": NO_WINDOW,
    "keyed": NOT_KEYED,
    "joined_tables": NOT_JOINED_TABLES,
    "groups_apart": NOT_APART,
}


@pytest.fixture(scope="module")
def connection(server: Server) -> Iterator[Connection]:
    with server.database() as database, database.connect() as connection:
        connection.execute(TABLES.encode())
        make(connection, "pgtrickle__flat_function")
        yield connection


def _changed(connection: Connection, function: str, query: str) -> str | None:
    """A query in a function's words, which gets it in PostgreSQL's own."""
    with connection.transaction(force_rollback=True):
        statement = (
            f"select pg_temp.dbt_pgtrickle_{function}(pg_temp.dbt_pgtrickle_words("
            "pg_temp.dbt_pgtrickle_temporary(%s))) as words"
        )
        words: str | None = connection.execute(statement.encode(), (query,)).fetchall()[0]["words"]
    return words


@pytest.mark.parametrize(
    ("function", "name"), [(function, name) for function, names in OTHERS.items() for name in names]
)
def test_other_words_give_the_same_rows_and_types_and_hide_what_else_they_need(
    connection: Connection, function: str, name: str
) -> None:
    query = OTHERS[function][name]
    words = _changed(connection, function, query)
    assert words
    expected, found = (connection.execute(sql.encode()) for sql in (query, words))
    assert [(c.name, c.type_code) for c in expected.description or ()] == [
        (c.name, c.type_code)
        for c in found.description or ()
        if not c.name.startswith("__pgt_dbt_")
    ]
    names = ", ".join(f'"{column.name}"' for column in expected.description or ())
    for one, other in ((query, words), (words, query)):
        difference = f"select {names} from ({one}\n) a except all select {names} from ({other}\n) b"
        assert not connection.execute(difference.encode()).fetchall(), words


@pytest.mark.parametrize(
    ("function", "name"), [(function, name) for function, names in NONE.items() for name in names]
)
def test_what_would_mean_something_else_has_no_other_words(
    connection: Connection, function: str, name: str
) -> None:
    assert _changed(connection, function, NONE[function][name]) is None


LISTS = {
    "HAVING": "select s, count(*) as n from t where s in ('s1', 's2') group by s having sum(i) > 5",
    "HAVING with a FILTER": "select s, count(*) filter (where i > 3) as n from t where s in ('s1', 's2') group by s having sum(i) > 5",
    "the newest": "select * from (select id, s, g, row_number() over (partition by g order by id desc) as n from t "
    "where s in ('s1', 's2')) as ranked where n = 1",
    "a join without its keys": "select t.s, p.v from t left join pairs p on p.a = t.g where t.s not in ('s1', 's2')",
    "a look": "select t.id, (select count(*) from pairs p where p.a = t.g) as n from t where t.s in ('s1', 's2')",
    "a window": "select id, s, coalesce(sum(i) over (partition by g order by id), 0) as r from t where s in ('s1', 's2')",
    "an expression of groups": "select a.s, a.n + 1 as n from (select s, count(*) as n from t where s in ('s1', 's2') group by s) as a",
}


@pytest.mark.parametrize("name", LISTS)
def test_no_words_have_an_array_in_the_place_of_a_list(connection: Connection, name: str) -> None:
    """PostgreSQL's own words have one, which pg_trickle 0.67.0 refuses."""
    with connection.transaction(force_rollback=True):
        asked = connection.execute("select pg_temp.dbt_pgtrickle_flat(%s) as flat", (LISTS[name],))
        spellings = asked.fetchall()[0]["flat"]["spellings"]
    assert len(spellings) > 2
    assert not [words for words in spellings if "ARRAY[" in words]
    if name.startswith("HAVING"):
        assert [words for words in spellings if words.startswith("WITH grouped AS")]


def test_they_stay_incremental_and_right_by_dbt_run_alone(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    database.execute(TABLES)
    queries = {
        "newest": FIRST_ROWS["the newest of each"].replace("from t ", "from public.t "),
        "steps": WINDOWED["in expressions"].replace("from t ", "from public.t "),
        "names": "select t.s, p.v from public.t left join public.pairs p on p.a = t.g",
        "parts": "select id % 5 as g, count(*) as n from public.t group by 1 having sum(i) > 5",
        "some": "select id % 5 as g, count(*) filter (where i > 1) as n from public.t where id not in (3, 4) "
        "group by 1 having sum(i) > 5",
    }
    project = dbt_project(
        {f"models/{n}.sql": stream_table_model(q, trial="on") for n, q in queries.items()}
    )
    assert "PGT06" not in project.dbt("run").log
    for change in (
        "update t set at = at + interval '3 days' where id % 5 = 0; update t set g = 2 where id = 7",
        "delete from t where id in (select max(id) from t group by g); update pairs set v = 'x' where b < 4",
        "insert into t values (91, null, 3, 1.5, '2026-03-01', 'new'), (92, 2, null, 4, '2025-01-01', null); "
        "delete from pairs where a = 2",
    ):
        database.execute(change)
        for name, query in queries.items():
            assert stream_table(database, name)["refresh_mode"] == "DIFFERENTIAL"
            database.query(f"select pgtrickle.refresh_stream_table('analytics.{name}')")
            with database.connect() as connection:
                columns = connection.execute(query.encode()).description or ()
            names = ", ".join(f'"{column.name}"' for column in columns)
            for one, other in (
                (f"analytics.{name}", f"({query})"),
                (f"({query})", f"analytics.{name}"),
            ):
                assert not database.query(
                    f"select {names} from {one} a except all select {names} from {other} b"
                ), (name, change)
    again = project.dbt("run").messages
    assert {again[name] for name in queries} == {"UNCHANGED"}
