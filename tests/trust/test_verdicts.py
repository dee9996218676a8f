"""dbt run does with a query that is not kept right what on_unsafe says, and remembers it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from psycopg import sql

from tasklib.project.project import find_project
from tasklib.tasks import report
from tasklib.tasks.doctor import stream_tables
from tests.lite.test_faults import (
    EXISTS,
    NESTED_IN,
    PAIRS,
    TABLES,
    VIEW_WITH_CTE,
    WINDOW,
    set_faults,
)
from tests.materialization.shop import stream_table, stream_table_model
from tests.support.dbt_project import DbtProject, DbtResult
from tests.support.postgres import Database, Server

# in words that dbt run itself has no other for
SUM = "select g, sum(distinct v) as s from public.o group by g"
CAST = "select id, g::varchar(1) as a from public.o"
COUNT_OF = (
    "select o.id, (select count(*) from public.l where l.k = o.id and l.k > o.id - 1) as n "
    "from public.o"
)
# by the fault that each of them has; a materialized view is refused incrementally without one
QUERIES = {
    "sum_null": SUM,
    "exists_twice": EXISTS,
    "cast_modifier": CAST,
    "refresh_fails": WINDOW,
    "refresh_slow": NESTED_IN,
    "full_wrong": COUNT_OF,
    "refused": "select id from public.o intersect select k from public.l",
    "copied": "select id, v from public.copied_rows",
}
CURED = {"sum_null", "exists_twice", "cast_modifier", "refresh_fails", "refresh_slow", "copied"}
NEVER_TAKEN = {"refused", "copied"}
COPY = "create materialized view copied_rows as select id, v from o"
RIGHT = "select g, count(*) as n from public.o group by g"


@pytest.fixture
def project(
    server: Server, database: Database, dbt_project: Callable[..., DbtProject]
) -> DbtProject:
    """A project without models, its database with the tables that the faults need."""
    if server.extension != "pg_trickle_lite":
        pytest.skip("only the stand-in has faults on request")
    database.execute(f"{TABLES}; {VIEW_WITH_CTE}; {COPY}")
    return dbt_project({})


def write(project: DbtProject, queries: dict[str, str], **config: Any) -> None:
    """The models of some queries, all with the same config."""
    project.write(
        {
            f"models/{n}.sql": stream_table_model(q, **{"trial": "on", **config})
            for n, q in queries.items()
        }
    )


def run(project: DbtProject, *args: str) -> DbtResult:
    """dbt run; some models are meant to fail."""
    return project.dbt("run", *args, check=False)


def told(result: DbtResult) -> dict[str, str]:
    """The code that was said of each model."""
    return {model: code for code, model in re.findall(r"\[(PGT\d+)\] (\w+):", result.log)}


def modes(database: Database) -> dict[str, str]:
    """The refresh modes that the catalog has, all of ACTIVE stream tables."""
    rows = database.query("select pgt_name, refresh_mode, status from pgtrickle.pgt_stream_tables")
    assert {row["status"] for row in rows} <= {"ACTIVE"}
    return {row["pgt_name"]: row["refresh_mode"] for row in rows}


def remembered(database: Database, model: str) -> dict[str, Any]:
    """What stands beside a stream table."""
    comment = database.value(
        "select col_description(a.attrelid, a.attnum) from pg_attribute a "
        "where a.attrelid = %s::regclass and a.attname = '__pgt_row_id'",
        f"analytics.{model}",
    )
    record: dict[str, Any] = json.loads(comment)
    return record


@pytest.mark.parametrize("mode", ["DIFFERENTIAL", "AUTO"])
def test_full_takes_the_place_of_what_is_not_kept_right_and_what_full_cannot_cure_fails(
    project: DbtProject, database: Database, mode: str
) -> None:
    set_faults(database, *QUERIES.keys() - {"copied"})
    write(project, QUERIES, refresh_mode=mode)
    first = run(project)
    assert told(first) == {name: "PGT060" if name in CURED else "PGT063" for name in QUERIES}
    assert modes(database) == dict.fromkeys(CURED, "FULL")
    assert "Or make it a plain table" in first.messages["full_wrong"]
    for name in CURED:
        assert remembered(database, name)["asked"] == mode
        assert remembered(database, name)["trial"]["full"]["outcome"] == "right"

    second = run(project)
    assert told(second) == dict.fromkeys(QUERIES.keys() - CURED, "PGT063")
    assert {second.messages[name] for name in CURED} == {"UNCHANGED"}


def test_a_view_with_a_cte_is_written_out_over_its_table_and_stays_incremental(
    project: DbtProject, database: Database
) -> None:
    set_faults(database, "view_cte")
    write(project, {"staged_rows": "select id, v from public.staged"})
    assert not told(run(project))
    assert modes(database) == {"staged_rows": "DIFFERENTIAL"}
    assert database.query("select source_type from pgtrickle.pgt_dependencies") == [
        {"source_type": "TABLE"}
    ]
    assert run(project).messages["staged_rows"] == "UNCHANGED"
    database.execute("drop view public.staged cascade; insert into o (id, v) values (99, 1)")
    database.query("select pgtrickle.refresh_stream_table('analytics.staged_rows')")
    assert database.value("select count(*) from analytics.staged_rows where id = 99") == 1


def test_an_unchanged_verdict_costs_no_statement_and_no_trial(
    project: DbtProject, database: Database
) -> None:
    set_faults(database, "cast_modifier")
    write(project, {"rounded": CAST, "counted": RIGHT})
    run(project)
    # what was warned of is looked at once more
    run(project)
    result = run(project, "--threads", "1")
    # the first of a run asks about all
    assert not result.statements("model.shop.rounded")
    assert not [text for name, text in result.queries if "dbt_pgtrickle_trial" in text]


def test_warn_keeps_what_can_be_kept_and_fails_what_is_never_taken(
    project: DbtProject, database: Database
) -> None:
    set_faults(database, *QUERIES.keys() - {"copied"})
    write(project, QUERIES, on_unsafe="warn")
    result = run(project)
    kept = QUERIES.keys() - NEVER_TAKEN
    assert told(result) == dict.fromkeys(kept, "PGT061") | dict.fromkeys(NEVER_TAKEN, "PGT062")
    assert modes(database) == dict.fromkeys(kept, "DIFFERENTIAL")
    assert remembered(database, "full_wrong")["trial"]["outcome"] == "wrong"
    # where FULL would do, that is the way out; where it wouldn't, a table
    assert "Or say on_unsafe: full" in result.messages["copied"]
    assert "Or make it a plain table" in result.messages["refused"]
    assert told(run(project)) == dict.fromkeys(NEVER_TAKEN, "PGT062")


def test_warn_leaves_auto_its_own_way_to_full(project: DbtProject, database: Database) -> None:
    set_faults(database, "refused")
    queries = {name: QUERIES[name] for name in NEVER_TAKEN}
    write(project, queries, on_unsafe="warn", refresh_mode="AUTO")
    result = run(project)
    assert modes(database) == {"copied": "FULL"}
    assert "PGT061" in result.log
    assert "[PGT062] refused" in result.log
    assert run(project).messages["copied"] == "UNCHANGED"


def test_fail_builds_nothing_that_is_not_right_and_leaves_the_old_one_as_it_was(
    project: DbtProject, database: Database
) -> None:
    write(project, dict.fromkeys(QUERIES, RIGHT))
    run(project)
    before = {name: stream_table(database, name) for name in QUERIES}
    set_faults(database, *QUERIES.keys() - {"copied"})
    write(project, QUERIES, on_unsafe="fail")
    assert told(run(project)) == dict.fromkeys(QUERIES, "PGT062")
    assert {name: stream_table(database, name) for name in QUERIES} == before


def test_immediate_is_not_replaced_but_fails_with_what_would_do(
    project: DbtProject, database: Database
) -> None:
    set_faults(database, *QUERIES.keys() - {"copied"})
    write(project, QUERIES, refresh_mode="IMMEDIATE")
    result = run(project)
    # a statement changes one table, so EXISTS is never counted twice
    wrong = QUERIES.keys() - {"exists_twice"}
    assert told(result) == {name: "PGT064" if name in CURED else "PGT063" for name in wrong}
    assert modes(database) == {"exists_twice": "IMMEDIATE"}
    assert "Or say refresh_mode: FULL" in result.messages["sum_null"]
    assert "Or make it a plain table" in result.messages["full_wrong"]


def test_full_itself_is_tried_and_fails_where_it_is_wrong(
    project: DbtProject, database: Database
) -> None:
    set_faults(database, *QUERIES.keys() - {"copied"})
    write(project, QUERIES, refresh_mode="FULL")
    assert told(run(project)) == dict.fromkeys(QUERIES.keys() - CURED, "PGT063")
    assert modes(database) == dict.fromkeys(CURED, "FULL")


@pytest.mark.parametrize("mode", ["DIFFERENTIAL", "AUTO"])
def test_another_version_is_tried_again_and_what_it_keeps_is_incremental_again(
    project: DbtProject, database: Database, mode: str
) -> None:
    set_faults(database, "cast_modifier", "sum_null")
    write(project, {"rounded": CAST, "counted": RIGHT}, refresh_mode=mode)
    run(project)
    assert modes(database) == {"rounded": "FULL", "counted": "DIFFERENTIAL"}

    set_faults(database)
    assert run(project).messages["rounded"] == "UNCHANGED"
    other_version(database)
    result = run(project)
    assert told(result) == {}
    assert modes(database) == dict.fromkeys(["rounded", "counted"], "DIFFERENTIAL")
    assert result.messages["counted"] == "UNCHANGED"
    assert remembered(database, "rounded")["trial"]["outcome"] == "right"
    assert set(run(project).messages.values()) >= {"UNCHANGED"}


def other_version(database: Database) -> None:
    """Another version of the extension is installed, by the catalog's word."""
    database.execute(
        "update pg_extension set extversion = extversion || '.1' "
        "where extname in ('pg_trickle', 'pg_trickle_lite')"
    )


def test_another_version_that_keeps_it_wrong_turns_it_into_full(
    project: DbtProject, database: Database
) -> None:
    write(project, {"rounded": CAST})
    run(project)
    set_faults(database, "cast_modifier")
    assert run(project).messages["rounded"] == "UNCHANGED"
    other_version(database)
    assert told(run(project)) == {"rounded": "PGT060"}
    assert modes(database) == {"rounded": "FULL"}


def test_trial_off_tries_nothing_and_keeps_what_was_asked(
    project: DbtProject, database: Database
) -> None:
    set_faults(database, "cast_modifier")
    write(project, {"rounded": CAST}, trial="off")
    result = run(project)
    assert told(result) == {}
    assert modes(database) == {"rounded": "DIFFERENTIAL"}
    assert not [text for name, text in result.queries if "dbt_pgtrickle_trial" in text]
    write(project, {"rounded": CAST})
    assert told(run(project)) == {"rounded": "PGT060"}


@pytest.mark.parametrize("on_unsafe", ["full", "fail"])
def test_a_folder_s_on_unsafe_holds_for_its_models(
    project: DbtProject, database: Database, on_unsafe: str
) -> None:
    set_faults(database, "cast_modifier")
    project.configure(models={"shop": {"marts": {"+meta": {"on_unsafe": on_unsafe}}}})
    project.write({"models/marts/rounded.sql": stream_table_model(CAST, trial="on")})
    assert told(run(project)) == {"rounded": "PGT060" if on_unsafe == "full" else "PGT062"}


@pytest.fixture
def builder(project: DbtProject, database: Database) -> Iterator[Database]:
    """The database for a role that may build stream tables but may not create schemas."""
    role = f"builder_{database.params['dbname']}"
    name = sql.Identifier(role)
    with database.connect() as connection:
        for grant in (
            "create role {} login password 'builds'",
            "create schema analytics authorization {}",
            "grant usage, create on schema public, pgtrickle, pgtrickle_changes to {}",
            "grant select, insert, update, delete on all tables in schema pgtrickle to {}",
            "grant usage on all sequences in schema pgtrickle to {}",
            "alter table o owner to {}",
        ):
            connection.execute(sql.SQL(grant).format(name))  # type: ignore[arg-type]
        yield Database({**database.params, "user": role, "password": "builds"}, database.extension)
        database.execute("drop schema analytics cascade")
        connection.execute(sql.SQL("drop owned by {} cascade; drop role {}").format(name, name))


def test_a_role_that_may_not_create_schemas_is_told_the_grant_and_tries_once_it_has_it(
    project: DbtProject, database: Database, builder: Database
) -> None:
    set_faults(database, "cast_modifier")
    write(project, {"rounded": CAST})
    project.database = builder
    result = run(project)
    assert told(result) == {"rounded": "PGT066"}
    assert modes(database) == {"rounded": "FULL"}
    assert remembered(database, "rounded")["trial"]["outcome"] == "untried"

    grant = re.search(r"(grant create on database .*?)\.", result.log)
    assert grant, result.log
    database.query(grant.group(1))
    assert told(run(project)) == {"rounded": "PGT060"}
    assert modes(database) == {"rounded": "FULL"}


def test_doctor_and_the_report_say_what_is_recomputed_and_why(
    project: DbtProject, database: Database
) -> None:
    project.artifacts = True
    set_faults(database, "sum_null")
    write(project, {"sum_null": SUM, "counted": RIGHT})
    project.write(
        {
            "invoke.yaml": "pgtrickle: {engine: external, slug: shop}\n",
            ".env": "".join(f"{key}={value}\n" for key, value in database.env.items()),
        }
    )
    run(project)
    opened = find_project(project.root)
    (found,) = stream_tables.kept(opened)
    told = "analytics.sum_null (not right incrementally)"
    assert found.cause == f"FULL, and not by their models: {told}"
    page = report.write(opened, project.root / "report.html").read_text()
    assert "full (asked: differential)" in page
    assert "not right incrementally" in page
    write(project, {"sum_null": SUM}, refresh_mode="FULL")
    run(project)
    assert [one.cause for one in stream_tables.kept(opened)] == ["each as its model asks"]


@pytest.mark.quick
def test_what_can_only_be_filled_whole_is_built_whole(
    project: DbtProject, database: Database
) -> None:
    set_faults(database, "full_set", "full_groups", "full_scalar")
    queries = {
        "silent": "select id from public.o except select k from public.l",
        "pairs": PAIRS,
        "scalar": COUNT_OF,
    }
    write(project, {name: queries[name] for name in ("silent", "scalar")})
    # nothing told before that it can't be filled
    pairs = stream_table_model(PAIRS, trial="off", refresh_mode="FULL")
    project.write({"models/pairs.sql": pairs})
    result = run(project)
    assert result.messages == {**result.messages, **dict.fromkeys(queries, "CREATED")}
    assert told(result)["silent"] == "PGT060"
    database.execute("insert into l values (30, 1, 3)")
    for name, query in queries.items():
        database.execute(f"select pgtrickle.refresh_stream_table('analytics.{name}')")
        columns = {"silent": "id", "pairs": "one, other, n", "scalar": "id, n"}[name]
        kept = f"select {columns} from analytics.{name}"
        assert (
            database.query(f"({kept} except all ({query})) union all (({query}) except all {kept})")
            == []
        )
    again = run(project)
    assert again.messages == {**again.messages, **dict.fromkeys(queries, "UNCHANGED")}
    project.write({"models/pairs.sql": pairs.replace("a.q < b.q", "a.q <= b.q")})
    assert run(project).messages["pairs"] == "REPLACED (query changed)"


@pytest.mark.quick
def test_char_of_a_length_becomes_text_and_is_said(project: DbtProject, database: Database) -> None:
    database.execute("alter table o add currency char(3) default 'EUR'")
    write(project, {"priced": "select id, currency from public.o"})
    result = run(project)
    assert told(result) == {"priced": "PGT069"}
    assert "these columns are text or bit varying in its stream table: currency" in result.log
    assert modes(database) == {"priced": "DIFFERENTIAL"}
    assert database.value("select distinct currency from analytics.priced") == "EUR"
    again = run(project)
    assert (again.messages["priced"], told(again)) == ("UNCHANGED", {})
