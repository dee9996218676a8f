"""Keys that tables could have: found in the data, written for seeds, told for the rest."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from tasklib.catalog.database import connect
from tasklib.catalog.trial import try_query
from tasklib.project.project import Project, find_project
from tasklib.tasks.rewrite.keys import key_changes, possible_keys
from tests.materialization.shop import stream_table_model
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database

TABLES = """
    create schema raw;
    create table raw.orders (region text, id int);
    insert into raw.orders select 'r' || i % 3, i from generate_series(1, 20) i;
    create table raw.raw_lines (quantity int, line_id int, order_id int);
    insert into raw.raw_lines select i % 4, i, 1 + i % 20 from generate_series(1, 30) i;
    create table raw.twice as select 1 + i % 5 as id from generate_series(1, 20) i;
    create table raw.keyed (no int primary key);
    create view raw.seen as select * from raw.raw_lines;
"""
READS_ALL = (
    "select o.id, l.quantity, t.id as twice, k.no from raw.orders o"
    " join raw.seen l on l.order_id = o.id join raw.twice t using (id)"
    " join raw.keyed k on k.no = o.id"
)
KEYS = """
    select conrelid::regclass::text as table, pg_get_constraintdef(oid) as key
    from pg_constraint where contype = 'p' and connamespace = 'analytics'::regnamespace
"""


def test_a_column_that_is_distinct_could_be_the_key(database: Database) -> None:
    database.execute(TABLES)
    with database.connect() as connection:
        found = possible_keys(connection, READS_ALL)
    assert found == {"raw.orders": ["id"], "raw.raw_lines": ["line_id"]}


def test_a_trial_gives_its_copies_the_keys_that_tables_are_to_have(database: Database) -> None:
    database.execute(TABLES)
    query = "select region, id from raw.orders"
    changes = (
        "select words from pg_temp.dbt_pgtrickle_trial_rounds(pg_temp.dbt_pgtrickle_trial_fill("
    )
    asked = f"""{changes}pg_temp.dbt_pgtrickle_trial_copy(
        pg_temp.dbt_pgtrickle_trial_sources(%s, 'public', %s), 'try')))"""
    words = []
    with database.connect() as connection:
        for keys in ({}, {"raw.orders": ["id"]}):
            assert try_query(connection, query, "DIFFERENTIAL", keys=keys).outcome == "right"
            with connection.transaction(force_rollback=True):
                rows = connection.execute(asked, (query, json.dumps({"keys": keys}))).fetchall()
            words.append({row["words"] for row in rows})
    assert "a row of raw.orders comes twice" in words[0] - words[1]
    assert "id of raw.orders changes, which is its key" in words[1] - words[0]


@pytest.fixture
def project(database: Database, dbt_project: Callable[..., DbtProject]) -> DbtProject:
    project = dbt_project(
        {
            "seeds/countries.csv": "code,name\nde,Germany\nfr,France\n",
            "seeds/cities.csv": "id,country\n1,de\n2,fr\n",
            "models/held.sql": stream_table_model("select code, name from {{ ref('countries') }}"),
            "invoke.yaml": "pgtrickle: {engine: external, slug: shop}\n",
        }
    )
    project.artifacts = True
    return project


def opened(project: DbtProject, database: Database) -> Project:
    env = Path(project.root / ".env")
    env.write_text("".join(f"{key}={value}\n" for key, value in database.env.items()))
    env.chmod(0o600)
    return find_project(Path(project.root))


def test_a_seed_gets_its_key_from_a_file_that_dbt_reads(
    project: DbtProject, database: Database
) -> None:
    project.dbt("build")
    keys = {"analytics.countries": ["code"], "raw.orders": ["id"]}
    (change,), told = key_changes(opened(project, database), keys)
    assert told == ['raw.orders needs its key: alter table "raw"."orders" add primary key ("id")']
    change.path.write_text(change.after)
    for again in ([], [], ["--full-refresh"]):
        project.dbt("seed", *again)
        assert database.query(KEYS) == [
            {"table": "analytics.countries", "key": "PRIMARY KEY (code)"}
        ]
    assert key_changes(opened(project, database), {"analytics.countries": ["code"]}) == (
        [],
        ["The seed countries needs its key: post_hook: \"{{ pgtrickle_primary_key('code') }}\""],
    )


def test_what_is_told_of_other_tables_gives_them_their_key(
    project: DbtProject, database: Database
) -> None:
    database.execute(TABLES)
    project.dbt("parse")
    _, (told,) = key_changes(opened(project, database), {"raw.orders": ["id"]})
    database.execute(told.partition(": ")[2])
    with closing(connect(opened(project, database).environment())) as connection:
        assert possible_keys(connection, "select id from raw.orders") == {}


def test_a_key_that_does_not_hold_fails_the_seed(project: DbtProject, database: Database) -> None:
    project.write(
        {
            "seeds/cities.csv": "id,country\n1,de\n1,fr\n",
            "seeds/cities.yml": "seeds: [{name: cities, config: {post_hook: "
            "\"{{ pgtrickle_primary_key('id') }}\"}}]",
        }
    )
    result = project.dbt("seed", check=False)
    assert "could not create unique index" in result.log
    with pytest.raises(psycopg.errors.UndefinedTable):
        database.query("select * from analytics.cities")


def test_a_model_is_tried_again_once_its_source_has_a_key(
    project: DbtProject, database: Database
) -> None:
    project.write(
        {
            "models/held.sql": stream_table_model(
                "select code, name from {{ ref('countries') }}", trial="on"
            )
        }
    )
    record = (
        "select col_description('analytics.held'::regclass, 1)::jsonb -> 'trial' ->> 'key' as k"
    )
    seen = []
    for change in (None, None, "alter table analytics.countries add primary key (code)"):
        if change:
            database.execute(change)
        project.dbt("build" if not seen else "run")
        seen.append(database.value(record))
    assert seen[0] == seen[1] != seen[2]
