"""The table of faults in docs/ names tests that there are, and all of this folder's."""

from __future__ import annotations

import re

import pytest

from tests.support.postgres import ROOT

NAMED = re.compile(r"`(test_\w+)`")
# tests of the tests' own means, and of what is no fault
UNLISTED = {
    "test_an_example_of_a_connection_string_stays_one",
    "test_a_number_names_its_range",
    "test_the_stand_ins_scheduler_gives_them",
    "test_an_address_that_nothing_can_be_had_from_is_refused_without_its_password",
    "test_progress_questions_and_logs_show_names_as_they_are",
    "test_each_line_of_the_table_has_tests_that_there_are",
    "test_no_test_of_a_fault_is_missing_from_the_table",
}


def defined(pattern: str) -> set[str]:
    """The tests in files."""
    found = (re.findall(r"^def (test_\w+)", f.read_text(), re.M) for f in ROOT.glob(pattern))
    return {name for names in found for name in names}


def lines() -> list[str]:
    text = (ROOT / "docs" / "faults.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    return [row for row in rows if not row.startswith("| fault |")]


@pytest.mark.quick
def test_each_line_of_the_table_has_tests_that_there_are() -> None:
    there = defined("tests/**/test_*.py")
    assert len(lines()) > 40
    for line in lines():
        *_, tests, _ = line.split("|")
        named = NAMED.findall(tests)
        assert named, line
        assert set(named) <= there, (line, set(named) - there)


@pytest.mark.quick
def test_no_test_of_a_fault_is_missing_from_the_table() -> None:
    listed = {name for line in lines() for name in NAMED.findall(line)}
    assert defined("tests/faults/test_*.py") - UNLISTED - listed == set()
