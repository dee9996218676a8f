"""The shared queries as the tasks compile them."""

from __future__ import annotations

import re

import jinja2
import pytest
from jinja2 import meta

from tasklib.catalog.queries import PURE, source
from tests.support.postgres import ROOT

NAMES = sorted(path.stem for room in PURE for path in (ROOT / "macros" / room).glob("*.sql"))


def macros(text: str) -> set[str]:
    """The macros that a text defines."""
    return set(re.findall(r"macro\s+(\w+)", text))


@pytest.mark.parametrize("name", NAMES)
def test_a_query_is_compiled_with_all_that_it_calls(name: str) -> None:
    missing = meta.find_undeclared_variables(jinja2.Environment().parse(source(name)))  # noqa: S701
    assert not {one for one in missing if one.startswith("pgtrickle_")}


def test_a_task_compiles_nothing_of_the_trial_for_a_plain_question() -> None:
    compiled = macros(source("pgtrickle__refresh_plan"))
    assert "pgtrickle__levels" in compiled
    assert not {one for one in compiled if "trial" in one or "flat" in one}
