"""A project that calls the package's macros from macros of its own, as upstream's users do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.package.package_project import package_project
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database

ORDERS = """
create schema raw;
create table raw.orders (id int primary key, region text not null, amount int not null);
insert into raw.orders select i, 'region ' || i % 3, i from generate_series(1, 30) i;
create schema analytics;
"""
# {"macro": name, "arguments": {...}} of each step, in one operation
CALLS = """
{% macro call_all(steps) %}
  {% for step in steps %}
    {% set answer = dbt_pgtrickle[step.macro](**step.arguments) %}
    {% if answer is mapping and answer.last_refresh_at is defined %}
      {% do answer.update({'last_refresh_at': answer.last_refresh_at | string}) %}
    {% endif %}
    {% do log('ANSWER ' ~ tojson(answer), info=true) %}
  {% endfor %}
{% endmacro %}
"""


class Caller:
    """Calls the package's macros from a project's own macro."""

    def __init__(self, project: DbtProject) -> None:
        self.project = project
        self.log = ""

    def __call__(self, *steps: tuple[str, dict[str, Any]]) -> list[Any]:
        """Call macros one after another; give what they return."""
        self.log = self._run(steps, check=True)
        lines = [line for line in self.log.splitlines() if line.startswith("ANSWER ")]
        return [json.loads(line.removeprefix("ANSWER ")) for line in lines]

    def refusal(self, macro: str, **arguments: Any) -> str:
        """Call a macro that has to fail; give the log."""
        return self._run([(macro, arguments)], check=False)

    def _run(self, steps: Any, check: bool) -> str:
        arguments = {"steps": [{"macro": macro, "arguments": given} for macro, given in steps]}
        result = self.project.dbt(
            "run-operation", "call_all", "--args", json.dumps(arguments), check=False
        )
        assert result.success is check, result.log
        return result.log


@pytest.fixture
def call(tmp_path: Path, database: Database) -> Caller:
    """A function that calls macros, in a project with raw.orders and an empty schema analytics."""
    database.execute(ORDERS)
    project = package_project(tmp_path, database, {"macros/calls.sql": CALLS})
    project.dbt("deps")
    return Caller(project)
