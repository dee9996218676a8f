"""A dbt project with stream tables that read one another, the tables made by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checks.shop import Shop, open_shop
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database

QUERIES = {
    "totals": "select customer, count(*) as orders from shop.orders group by customer",
    "spread": "select orders, count(*) as customers from analytics.totals group by orders",
    "summit": "select customers, count(*) as n from marts.spread group by customers",
    "aside": "select id, amount from shop.orders",
}
SCHEMAS = {"totals": "analytics", "spread": "marts", "summit": "analytics", "aside": "analytics"}
FILES = {
    **{
        f"models/{name}.sql": "{{ config(materialized='stream_table'"
        + (", schema='marts'" if SCHEMAS[name] == "marts" else "")
        + f") }}}}\n{query}"
        for name, query in QUERIES.items()
    },
    "macros/generate_schema_name.sql": (
        "{% macro generate_schema_name(name, node) %}{{ name or target.schema }}{% endmacro %}"
    ),
}


class Chain(Shop):
    """totals <- spread <- summit, and aside, which nothing reads."""

    def create_all(self) -> None:
        for name, query in QUERIES.items():
            self.create(query, f"{SCHEMAS[name]}.{name}")

    def operation(self, name: str, check: bool = True, **arguments: object) -> str:
        """Run an operation of the package; give dbt's log."""
        args = ["--args", str(arguments)] if arguments else []
        result = DbtProject(self.project.root, self.database).dbt(
            "run-operation", name, *args, check=False
        )
        assert result.success is check, result.log
        return result.log

    def count(self, name: str) -> int:
        return int(self.database.value(f"select count(*) from {SCHEMAS[name]}.{name}"))

    def tables(self) -> list[str]:
        rows = self.database.query("select pgt_name from pgtrickle.pgt_stream_tables order by 1")
        return [row["pgt_name"] for row in rows]


@pytest.fixture
def chain(database: Database, tmp_path: Path) -> Chain:
    """The chain's project; its tables are made by `create_all`."""
    made = open_shop(FILES, tmp_path / "project", database)
    database.execute("create schema marts")
    return Chain(database, made.project)
