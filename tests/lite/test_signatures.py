"""The stand-in answers to pg_trickle's names, arguments, defaults, columns and checks only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.postgres import Database

FACTS: dict[str, Any] = json.loads((Path(__file__).parent / "signatures.json").read_text())

FUNCTIONS = """
    select proname as name, pg_get_function_arguments(oid) as arguments,
        pg_get_function_result(oid) as returns
    from pg_proc where pronamespace = 'pgtrickle'::regnamespace order by 1
"""
COLUMNS = """
    select attname as name, format_type(atttypid, atttypmod) as type
    from pg_attribute where attrelid = ('pgtrickle.' || %s)::regclass
        and attnum > 0 and not attisdropped order by attnum
"""
CHECKS = """
    select conname as name, pg_get_constraintdef(oid) as definition
    from pg_constraint where connamespace = 'pgtrickle'::regnamespace and contype = 'c'
"""


def by_name(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries in the order of their names."""
    return sorted(entries, key=lambda entry: str(entry["name"]))


def words(definition: str) -> list[str]:
    """A constraint's words, whatever its brackets and casts look like."""
    return sorted(definition.replace("(", " ").replace(")", " ").replace("::", " ").split())


def test_functions_are_pg_trickles_and_nothing_else(database: Database) -> None:
    assert database.query(FUNCTIONS) == by_name(FACTS["functions"])


@pytest.mark.parametrize("relation", FACTS["relations"], ids=lambda relation: relation["name"])
def test_a_relation_has_pg_trickles_columns(database: Database, relation: dict[str, Any]) -> None:
    assert database.query(COLUMNS, relation["name"]) == relation["columns"]


def test_relations_are_pg_trickles_and_nothing_else(database: Database) -> None:
    found = database.query(
        "select relname as name from pg_class where relnamespace = 'pgtrickle'::regnamespace "
        "and relkind in ('r', 'v') order by 1"
    )

    assert [row["name"] for row in found] == [row["name"] for row in by_name(FACTS["relations"])]


def test_check_constraints_have_pg_trickles_names_and_conditions(database: Database) -> None:
    expected = {check["name"]: words(check["definition"]) for check in FACTS["check_constraints"]}

    assert {row["name"]: words(row["definition"]) for row in database.query(CHECKS)} == expected


def test_the_facts_are_those_of_the_shared_signatures() -> None:
    shared = Path(__file__).parents[3] / "shared/pg_trickle/signatures-0.67.0.json"
    if not shared.exists():
        pytest.skip("the shared signatures are not beside this clone")
    every = json.loads(shared.read_text())

    for kind in ("functions", "relations", "check_constraints"):
        assert all(entry in every[kind] for entry in FACTS[kind])
