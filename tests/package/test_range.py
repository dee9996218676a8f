"""Which dbt it runs on: said in several places, and the same in each."""

from __future__ import annotations

import re

import yaml

from tests.package.venvs import PACKAGES
from tests.support.postgres import ROOT


def text(name: str) -> str:
    return (ROOT / name).read_text()


def test_every_place_says_the_range_of_dbt_project_yml() -> None:
    lowest, highest = yaml.safe_load(text("dbt_project.yml"))["require-dbt-version"]
    first = lowest.removeprefix(">=").removesuffix(".0")
    end = highest.removeprefix("<").removesuffix(".0.0")
    required = re.findall(r'^ {4}"(dbt-\w+)(.+)",$', text("pyproject.toml"), re.MULTILINE)
    assert dict(required[:2]) == dict.fromkeys(("dbt-core", "dbt-postgres"), f">={first},<{end}")
    *choices, newest = yaml.safe_load(text("copier.yml"))["dbt_version"]["choices"]
    assert choices[0] == first
    assert int(newest.partition(".")[0]) == int(end) - 1
    assert f"| {first} to {choices[-1]}; {newest}, " in text("README.md")
    assert {*choices, newest} <= set(PACKAGES), "each is run by test_dbt_versions.py"
