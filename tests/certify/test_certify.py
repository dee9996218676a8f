"""Certify: each construct's outcome, what differs from 0.67.0, and that nothing is left."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tasklib.base.errors import UserError
from tasklib.catalog.verdict import UNKNOWN, UNSAFE
from tasklib.project.project import Project
from tasklib.tasks.certify.constructs import constructs, measured
from tasklib.tasks.certify.task import certify
from tests.lite.test_faults import set_faults
from tests.support.postgres import Database

Capsys = pytest.CaptureFixture[str]
# by fault: a construct that has it, and its outcomes then
FAULTS = {
    "sum_null": ("group by: count, sum", "wrong", "right"),
    "exists_twice": ("exists, aggregated", "wrong", "right"),
    "cast_modifier": ("cast to numeric(10,2)", "wrong", "right"),
    "refresh_fails": ("row_number(), all its columns selected", "fails", "right"),
    "refresh_slow": ("in over an aggregate within in", "slow", "right"),
    "full_wrong": ("scalar subquery, correlated", "wrong", "wrong"),
    "refused": ("intersect", "refused", "refused"),
    "view_cte": ("view with ctes", "refused", "right"),
}
LEFTOVERS = """
    select nspname from pg_namespace where nspname ~ '^pg(t|trickle)_(certify|trial)'
    union all
    select pgt_name from pgtrickle.pgt_stream_tables
    union all
    select relname from pg_class
    where relnamespace = 'pgtrickle_changes'::regnamespace and relkind = 'r'
"""


@pytest.fixture
def project(tmp_path: Path, database: Database) -> Project:
    """A project without models on the test's database."""
    lines = [f"{key}={value}" for key, value in database.env.items()]
    (tmp_path / ".env").write_text("\n".join(lines) + "\n")
    return Project(tmp_path, "shop", "analytics", "external", 5432, "latest", "postgres")


def ask_certify(project: Project, capsys: Capsys, containing: str) -> dict[str, Any]:
    capsys.readouterr()
    certify(project, containing=containing, as_json=True)
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def test_the_shipped_table_has_every_construct_and_no_other() -> None:
    shipped = measured()
    assert shipped.version == "pg_trickle 0.67.0"
    assert list(shipped.outcomes) == list(constructs().queries)
    known = {"right"} | UNSAFE | UNKNOWN
    assert {word for pair in shipped.outcomes.values() for word in pair} <= known


def test_every_construct_is_sql_that_gives_rows(database: Database) -> None:
    wanted = constructs()
    with database.connect(autocommit=False) as connection:
        connection.execute(wanted.setup.encode())
        for name, query in wanted.queries.items():
            assert connection.execute(query.encode()).fetchone() is not None, name


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_shown_and_what_differs_from_the_shipped_table(
    project: Project, database: Database, capsys: Capsys, fault: str
) -> None:
    if database.extension != "pg_trickle_lite":
        pytest.skip("only the stand-in has faults on request")
    name, incremental, full = FAULTS[fault]
    set_faults(database, fault)
    document = ask_certify(project, capsys, name)
    row = next(row for row in document["results"] if row["subject"] == name)
    assert (row["incremental"], row["full"]) == (incremental, full)
    assert row["differs"] is (measured().outcomes[name] != (incremental, full))
    assert [trial["mode"] for trial in row["trials"]] == ["DIFFERENTIAL", "FULL"]
    assert document["version"] == "pg_trickle_lite 1.0"
    assert "says nothing about pg_trickle" in document["notes"][0]

    set_faults(database)
    row = next(
        row for row in ask_certify(project, capsys, name)["results"] if row["subject"] == name
    )
    assert (row["incremental"], row["full"]) == ("right", "right")
    assert row["differs"] is (measured().outcomes[name] != ("right", "right"))


def test_nothing_of_it_stays(project: Project, database: Database, capsys: Capsys) -> None:
    before = database.query(LEFTOVERS)
    ask_certify(project, capsys, "view on a join")
    assert database.query(LEFTOVERS) == before


def test_the_table_shows_outcomes_what_was_measured_and_the_counts(
    project: Project, database: Database, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "150")
    certify(project, containing="union")
    told = capsys.readouterr().out
    assert "construct" in told
    assert "incrementally: " in told
    assert "in FULL: " in told
    assert f"Tried on {database.extension} " in told
    shown = "on pg_trickle 0.67.0" in told.split("Tried on")[0]
    assert shown is (database.extension == "pg_trickle_lite")
    assert "not as on pg_trickle 0.67.0" in told


def test_a_text_that_no_construct_has_is_an_error(project: Project) -> None:
    with pytest.raises(UserError, match="No construct has 'qualify'"):
        certify(project, containing="qualify")
