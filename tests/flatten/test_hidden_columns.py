"""What a stream table is kept right by, and doesn't select, hides in it: whoever edits, reads and refreshes it sees nothing of it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.flatten.test_windows import TABLES
from tests.materialization.shop import stream_table_model
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database

QUERY = "select t.s, p.v from public.t left join public.pairs p on p.a = t.g"
HIDDEN = QUERY.replace(
    " from", ", t.id as __pgt_dbt_1, p.a as __pgt_dbt_2, p.b as __pgt_dbt_3 from"
)
STAR = "select * from {{ ref('pairs') }}"


@pytest.fixture
def project(database: Database, dbt_project: Callable[..., DbtProject]) -> DbtProject:
    """A stream table that has hidden columns, also where the engine would keep it right without."""
    database.execute(TABLES)
    project = dbt_project(
        {
            "models/pairs.sql": stream_table_model(QUERY, trial="on"),
            "models/counts.sql": stream_table_model(
                "select s, count(*) as n from {{ ref('pairs') }} group by s", trial="off"
            ),
            "models/copied.sql": f"{{{{ config(materialized='table') }}}} {STAR}",
            "models/seen.sql": f"{{{{ config(materialized='view') }}}} {STAR}",
        }
    )
    project.dbt("run", "--select", "pairs")
    _remember(database, HIDDEN)
    project.dbt("run")
    return project


def _remember(database: Database, given: str) -> None:
    """As if a trial had found a model right in these words only."""
    record = json.loads(
        database.value(
            "select col_description('analytics.pairs'::regclass, attnum) from pg_attribute "
            "where attrelid = 'analytics.pairs'::regclass and attname = '__pgt_row_id'"
        )
    )
    record["trial"]["given"], record["unchanged"] = given, None
    comment = json.dumps(record).replace("'", "''")
    database.execute(f"comment on column analytics.pairs.__pgt_row_id is '{comment}'")


def _columns(database: Database, name: str) -> list[str]:
    return [
        row["attname"]
        for row in database.query(
            "select attname from pg_attribute where attrelid = to_regclass(%s) and attnum > 0 "
            "and not attisdropped and attname <> '__pgt_row_id' order by attnum",
            f"analytics.{name}",
        )
    ]


def _differs(database: Database, query: str) -> list[dict[str, object]]:
    database.query("select pgtrickle.refresh_stream_table('analytics.pairs')")
    held = "select s, v from analytics.pairs"
    return database.query(
        f"(({held} except all {query}) union all ({query} except all {held})) limit 3"
    )


def test_nobody_who_selects_by_dbt_sees_them(database: Database, project: DbtProject) -> None:
    assert _columns(database, "pairs") == ["s", "v", "__pgt_dbt_1", "__pgt_dbt_2", "__pgt_dbt_3"]
    assert _columns(database, "copied") == _columns(database, "seen") == ["s", "v"]
    again = project.dbt("run").messages
    assert {again["pairs"], again["counts"]} == {"UNCHANGED"}
    database.execute("update t set g = 3 where id < 6; delete from pairs where b = 7")
    assert not _differs(database, QUERY)


def test_an_edited_query_replaces_it_with_what_stands_on_it(
    database: Database, project: DbtProject
) -> None:
    other = f"{QUERY} where t.n > 2"
    project.write({"models/pairs.sql": stream_table_model(other, trial="off")})
    # the view isn't selected
    result = project.dbt("run", "--select", "pairs", "counts")
    assert result.messages["pairs"] == "REPLACED (query changed)"
    assert _columns(database, "pairs") == ["s", "v"]
    assert _columns(database, "seen") == ["s", "v"]
    database.execute("update t set g = 3 where id < 6; delete from pairs where b = 7")
    assert not _differs(database, other)


def test_a_source_that_is_made_again_binds_it_anew(database: Database, project: DbtProject) -> None:
    database.execute(
        "create table former as table pairs; drop table pairs cascade;"
        "create table pairs (like former, primary key (a, b)); insert into pairs table former"
    )
    assert project.dbt("run").messages["pairs"].startswith("REPLACED")
    assert _columns(database, "pairs") == ["s", "v", "__pgt_dbt_1", "__pgt_dbt_2", "__pgt_dbt_3"]
    database.execute("update t set g = 3 where id < 6; delete from pairs where b = 7")
    assert not _differs(database, QUERY)


def test_a_view_under_it_that_changes_binds_it_anew(
    database: Database, project: DbtProject
) -> None:
    over = QUERY.replace("public.pairs", "{{ ref('low') }}")
    low = "{{ config(materialized='view') }} select a, b, v from public.pairs"
    project.write({"models/low.sql": low, "models/pairs.sql": stream_table_model(over, trial="on")})
    project.dbt("run")
    _remember(database, HIDDEN.replace("public.pairs", "analytics.low"))
    project.dbt("run")
    assert "__pgt_dbt_1" in _columns(database, "pairs")
    # the models on it aren't selected: the run of the view names its query again
    project.write({"models/low.sql": f"{low} where b > 3"})
    project.dbt("run", "--select", "low")
    assert _columns(database, "seen") == ["s", "v"]
    database.execute("update t set g = 3 where id < 6; delete from pairs where b = 7")
    assert not _differs(database, QUERY.replace("public.pairs", "analytics.low"))
    assert project.dbt("run").success
