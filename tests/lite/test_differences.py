"""What the stand-in does otherwise than pg_trickle (see the list in its README)."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from tests.support.postgres import ROOT, Database

SOURCE = "create table src (id int primary key, g text); insert into src values (1, 'a'), (2, 'b')"


def create(database: Database, name: str, query: str, mode: str = "DIFFERENTIAL") -> None:
    """Create a stream table that is not due in a test's life."""
    database.query("select pgtrickle.create_stream_table(%s, %s, '1h', %s)", name, query, mode)


@pytest.fixture
def source(database: Database) -> Database:
    """A database with one source table."""
    database.execute(SOURCE)
    return database


def test_version_and_extension_say_that_it_is_the_stand_in(database: Database) -> None:
    assert "pg_trickle_lite" in database.value("select pgtrickle.version()")
    assert "stand-in" in database.value("select pgtrickle.version()")
    assert database.value("select extname from pg_extension where extname ~ 'trickle'") == (
        "pg_trickle_lite"
    )


def test_a_manual_refresh_without_changes_is_recorded_as_no_data(source: Database) -> None:
    create(source, "public.st", "select id from public.src")
    source.query("select pgtrickle.refresh_stream_table('public.st')")

    latest = source.query("select action from pgtrickle.get_refresh_history('public.st', 1)")
    assert latest == [{"action": "NO_DATA"}]


def test_an_immediate_one_on_an_immediate_one_follows(source: Database) -> None:
    create(
        source, "public.first", "select g, count(*) as n from public.src group by g", "IMMEDIATE"
    )
    create(source, "public.second", "select g, n from public.first", "IMMEDIATE")
    source.execute("insert into src values (3, 'a')")

    assert source.value("select n from second where g = 'a'") == 2


def test_a_write_into_a_partition_is_noticed_with_the_next_one_to_the_parent(
    database: Database,
) -> None:
    database.execute(
        "create table p (id int primary key) partition by range (id); "
        "create table p_1 partition of p for values from (0) to (100)"
    )
    create(database, "public.st", "select id from public.p")
    database.execute("insert into p_1 values (1); insert into p values (2)")
    database.query("select pgtrickle.refresh_stream_table('public.st')")

    assert database.value("select count(*) from st") == 2


def test_names_with_a_space_work_as_sources(database: Database) -> None:
    database.execute('create table "two words" (id int primary key)')
    create(database, "public.st", 'select id from public."two words"')
    database.execute('insert into "two words" values (1)')
    database.query("select pgtrickle.refresh_stream_table('public.st')")

    assert database.value("select count(*) from st") == 1


def test_a_role_without_rights_may_still_create_and_drop_its_own_things(source: Database) -> None:
    with source.connect() as connection:
        connection.execute("drop role if exists lite_stranger")
        connection.execute("create role lite_stranger")
        connection.execute("set role lite_stranger")
        connection.execute("create temp table own (a int)")
        connection.execute("alter table own add column b int")
        connection.execute("drop table own")
        connection.execute("reset role")
        connection.execute("drop role lite_stranger")


def test_an_aggregate_may_turn_into_a_plain_query_and_back(source: Database) -> None:
    totals = "select g, count(*) as n from public.src group by g"
    create(source, "public.st", totals)
    for query in ("select g, id::bigint as n from public.src", totals):
        source.query(
            "select pgtrickle.create_or_replace_stream_table('public.st', %s, '1h', 'AUTO')",
            query,
        )

    assert source.value("select sum(n) from st") == 2


def test_there_are_no_sinks(source: Database) -> None:
    with pytest.raises(psycopg.errors.FeatureNotSupported):
        source.query(
            "select pgtrickle.create_stream_table('public.st', 'select id from public.src', "
            "sink => 'ducklake')"
        )


def test_no_section_of_the_extension_grows_over_its_head() -> None:
    sections = list((ROOT / "tasklib/pg_trickle_lite/share/extension").glob("*.sql"))

    assert sections
    assert all(len(Path(file).read_text().splitlines()) < 300 for file in sections)
