"""invoke rewrite finds other words for a model that became FULL, proves them, writes them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tasklib.base.errors import UserError
from tasklib.project.project import Project
from tasklib.tasks.rewrite.task import rewrite
from tests.lite.test_faults import TABLES, set_faults
from tests.materialization.shop import stream_table_model
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database, Server

Capsys = pytest.CaptureFixture[str]
SOURCES = """
sources:
- name: raw
  schema: public
  tables: [{name: o}, {name: l}]
"""
# dbt run itself finds other words for a sum, but not for one in HAVING of what is ordered
SUM = (
    "-- By group.\nselect g, count(*) as n -- their number\n"
    "from {{ source('raw', 'o') }}\ngroup by 1\nhaving sum(v) is not null\norder by 1\n"
)
CAST = "select id, g::varchar(1) as a from {{ source('raw', 'o') }}\n"
EXISTS = (
    "select o.id from {{ source('raw', 'o') }} as o\n"
    "where exists (select 1 from {{ source('raw', 'l') }} as l where l.k = o.id)\n"
)
LOOP = (
    "select g {% for name in ['a', 'b'] %}, count(v) as {{ name }}{% endfor %}\n"
    "from {{ source('raw', 'o') }} group by g having sum(v) is not null order by g\n"
)
WINDOW = "select id, row_number() over (order by v) as n from {{ source('raw', 'o') }}\n"


@dataclass
class Shop:
    """A dbt project whose models meet the stand-in's faults."""

    dbt: DbtProject
    database: Database
    project: Project
    capsys: Capsys

    def build(self, *faults: str, **queries: str) -> None:
        """Write models, switch faults on, and run them."""
        set_faults(self.database, *faults)
        self.dbt.write(
            {f"models/{n}.sql": stream_table_model(q, trial="on") for n, q in queries.items()}
        )
        self.run()

    def run(self) -> None:
        """dbt run, with the manifest that the tasks read."""
        self.dbt.artifacts = True
        self.dbt.dbt("run", check=False)

    def ask(self, *models: str, **options: Any) -> dict[str, dict[str, Any]]:
        """What the task found, by model."""
        self.capsys.readouterr()
        rewrite(self.project, models, as_json=True, **options)
        document = json.loads(self.capsys.readouterr().out)
        return {row["subject"]: row for row in document["results"]}

    def modes(self) -> dict[str, str]:
        """The refresh modes that the catalog has."""
        rows = self.database.query("select pgt_name, refresh_mode from pgtrickle.pgt_stream_tables")
        return {row["pgt_name"]: row["refresh_mode"] for row in rows}

    def file(self, model: str) -> Path:
        return self.dbt.root / "models" / f"{model}.sql"


@pytest.fixture
def shop(
    server: Server,
    database: Database,
    dbt_project: Callable[..., DbtProject],
    capsys: Capsys,
) -> Shop:
    """The project without models, its tables filled."""
    if server.extension != "pg_trickle_lite":
        pytest.skip("only the stand-in has faults on request")
    database.execute(TABLES)
    dbt = dbt_project({"models/sources.yml": SOURCES})
    lines = [f"{key}={value}" for key, value in database.env.items()]
    (dbt.root / ".env").write_text("\n".join(lines) + "\n")
    project = Project(dbt.root, "shop", "analytics", "external", 5432, "latest", "postgres")
    return Shop(dbt, database, project, capsys)


def test_it_is_found_proven_written_and_built(shop: Shop) -> None:
    shop.build("sum_null", "cast_modifier", "exists_twice", totals=SUM, casts=CAST, there=EXISTS)
    assert set(shop.modes().values()) == {"FULL"}
    found = shop.ask(write=True, yes=True)
    assert {name: row["outcome"] for name, row in found.items()} == dict.fromkeys(
        ("totals", "casts", "there"), "proposed"
    )
    assert found["totals"]["steps"] == ["sum guarded by a count"]
    assert found["casts"]["steps"] == ["rounded before the cast"]
    assert found["there"]["steps"] == ["EXISTS as IN"]
    assert found["totals"]["incremental_ms"] > 0 < found["totals"]["full_ms"]
    written = shop.file("totals").read_text()
    for kept in (
        "{{ config(materialized='stream_table', schedule='1h', trial='on') }}",
        "-- By group.",
        "-- their number",
        "from {{ source('raw', 'o') }}",
        "case when count(v) > 0 then sum(coalesce(v, 0)) end is not null",
    ):
        assert kept in written, written

    shop.run()
    assert set(shop.modes().values()) == {"DIFFERENTIAL"}
    shop.database.execute("update o set v = null where g = 'g1'")
    shop.database.query("select pgtrickle.refresh_stream_table('analytics.totals')")
    totals = shop.database.query("select g, n from analytics.totals order by g")
    assert totals == [{"g": "g0", "n": 3}, {"g": "g2", "n": 3}]


def test_what_another_one_reads_is_tried_with_a_reader_and_told_the_key_that_helps(
    shop: Shop,
) -> None:
    shop.database.execute("create table keyless as select * from o")
    shop.dbt.write({"models/sources.yml": SOURCES.replace("[{", "[{name: keyless}, {", 1)})
    shop.build(
        "read_keyless",
        rows="select g, v from {{ source('raw', 'keyless') }}",
        top="select g, count(*) as n from {{ ref('rows') }} group by g",
    )
    assert shop.modes() == {"rows": "FULL", "top": "DIFFERENTIAL"}
    found = shop.ask("rows")["rows"]
    assert "matching the ON CONFLICT specification" in found["cause"]
    assert found["steps"] == ["a primary key on public.keyless"]


def test_without_write_the_files_stay_as_they_are(shop: Shop) -> None:
    shop.build("sum_null", totals=SUM)
    before = shop.file("totals").read_text()
    (row,) = shop.ask().values()
    assert row["files"][0]["contents"] != before
    assert shop.file("totals").read_text() == before


def test_a_file_that_git_has_not_is_written_only_after_a_yes(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.build("sum_null", totals=SUM)
    before = shop.file("totals").read_text()
    monkeypatch.setattr("builtins.input", lambda _: "n")
    shop.ask(write=True)
    assert shop.file("totals").read_text() == before
    monkeypatch.setattr("builtins.input", lambda _: "y")
    shop.ask(write=True)
    assert shop.file("totals").read_text() != before


def test_people_are_shown_a_diff_the_gain_and_what_was_tried(shop: Shop) -> None:
    shop.build("sum_null", totals=SUM)
    shop.capsys.readouterr()
    assert rewrite(shop.project) == 0
    shown = shop.capsys.readouterr().out
    for part in (
        "totals: proposed",
        "as it is: after",
        "rewritten: sum guarded by a count",
        "ms instead of",
        "--- a/models/totals.sql",
        "-having sum(v) is not null",
        "invoke rewrite totals --write",
    ):
        assert part in shown, shown


def test_loops_are_written_out_and_that_is_said(shop: Shop) -> None:
    shop.build("sum_null", totals=LOOP)
    (row,) = shop.ask().values()
    assert row["outcome"] == "proposed"
    assert any("written out" in note and "{% for" in note for note in row["notes"]), row["notes"]
    contents = row["files"][0]["contents"]
    assert "{% for" not in contents
    assert "from {{ source('raw', 'o') }}" in contents


def test_what_no_words_help_is_told_with_what_was_tried(shop: Shop) -> None:
    shop.build("refresh_fails", numbered=WINDOW)
    (row,) = shop.ask(timeout=20.0).values()
    assert row["outcome"] == "none found"
    assert row["files"] == []
    assert {attempt["outcome"] for attempt in row["tried"]} == {"fails"}
    assert rewrite(shop.project, timeout=1.0) == 1


def test_what_stays_right_needs_no_other_words(shop: Shop) -> None:
    shop.build(counted="select g, count(*) as n from {{ source('raw', 'o') }} group by g\n")
    assert shop.ask() == {}
    assert shop.ask("counted")["counted"]["outcome"] == "right"


def test_a_name_that_is_no_model_is_an_error(shop: Shop) -> None:
    shop.build(counted="select g, count(*) as n from {{ source('raw', 'o') }} group by g\n")
    with pytest.raises(UserError, match="nowhere"):
        rewrite(shop.project, ["nowhere"])


def test_nothing_is_left_in_the_database(shop: Shop) -> None:
    shop.build("sum_null", totals=SUM)
    shop.ask()
    left = shop.database.query(
        "select nspname from pg_namespace where nspname like 'pgtrickle\\_%' "
        "and nspname not in ('pgtrickle_changes', 'pgtrickle_lite') "
        "union all select pgt_schema from pgtrickle.pgt_stream_tables "
        "where pgt_schema <> 'analytics'"
    )
    assert left == []
