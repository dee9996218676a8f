"""Every dbt-core from 1.6 on runs the same core flow, with the package installed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.materialization.shop import stream_table
from tests.package.package_project import MACRO_PATHS, package_project
from tests.package.venvs import PACKAGES, running_dbt
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database

ORDERS_CSV = "id,region,amount\n1,north,10\n2,south,20\n3,north,30\n"
TOTALS = """{{{{ config(materialized='stream_table', schedule='1h') }}}}
select region, count(*) as orders{columns} from {{{{ ref('stg_orders') }}}} {filter} group by region
"""
FILES = {
    "seeds/orders.csv": ORDERS_CSV,
    "models/stg_orders.sql": "select id, region, amount from {{ ref('orders') }}",
    "models/totals.sql": TOTALS.format(columns="", filter=""),
    "models/large.sql": """
{{ config(materialized='stream_table', schedule='calculated') }}
select region, orders from {{ ref('totals') }} where orders > 1
""",
    "models/models.yml": """
models:
- name: totals
  description: orders by region
  config: {persist_docs: {relation: true}, indexes: [{columns: [region]}]}
""",
}
# with what the first query gives
CONTRACT = """
models:
- name: totals
  description: orders by region
  config:
    contract: {enforced: true}
    persist_docs: {relation: true}
    indexes: [{columns: [region]}]
  columns:
  - {name: region, data_type: text}
  - {name: orders, data_type: TYPE}
"""


def totals(database: Database) -> dict[str, int]:
    rows = database.query("select region, orders from analytics.totals")
    return {row["region"]: row["orders"] for row in rows}


# All other tests run on 1.11. Each of these takes half a minute, and an installation; v2 a second.
ALWAYS = ("1.6", "1.12", "2.0")
CHOSEN = [
    pytest.param(version, marks=[] if version in ALWAYS else pytest.mark.long)
    for version in PACKAGES
]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("version", CHOSEN)
def test_a_project_lives_through_its_core_flow(
    version: str, tmp_path: Path, database: Database
) -> None:
    project: DbtProject = package_project(
        tmp_path,
        database,
        FILES,
        seeds={"shop": {"+post-hook": "alter table {{ this }} add primary key (id)"}},
        **(MACRO_PATHS if version.startswith("2") else {}),
    )
    with running_dbt(version, tmp_path, database) as dbt:
        dbt("deps")
        if version in ("1.10", "1.11", "1.12"):
            assert "Deprecat" not in dbt("parse", "--show-all-deprecations")["log"]
        dbt("seed")
        assert dbt("run")["messages"]["totals"] == "CREATED"
        assert totals(database) == {"north": 2, "south": 1}
        assert (
            database.value("select obj_description('analytics.totals'::regclass)")
            == "orders by region"
        )

        again = dbt("run")["messages"]
        assert again["large"] == "UNCHANGED"
        assert {stream_table(database, name)["status"] for name in ("totals", "large")} == {
            "ACTIVE"
        }

        project.write({"models/models.yml": CONTRACT.replace("TYPE", "bigint")})
        assert dbt("run")["messages"]["totals"] == "UNCHANGED"
        project.write({"models/models.yml": CONTRACT.replace("TYPE", "text")})
        refused = dbt("run", "--select", "totals", success=False)["log"]
        assert "[PGT041]" in refused
        assert "orders" in refused
        project.write(FILES)

        project.write({"models/totals.sql": TOTALS.format(columns="", filter="where amount > 10")})
        assert "query changed" in dbt("run")["messages"]["totals"]
        assert totals(database) == {"north": 1, "south": 1}

        project.write(
            {"models/totals.sql": TOTALS.format(columns=", max(amount) as largest", filter="")}
        )
        assert dbt("run")["messages"]["totals"].startswith(
            "REPLACED (output columns changed: + largest"
        )
        assert dbt("run", "--full-refresh")["messages"]["large"].startswith("REPLACED")

        database.execute("insert into analytics.orders values (4, 'south', 5)")
        dbt("run-operation", "refresh_all_stream_tables")
        assert totals(database) == {"north": 2, "south": 2}
        assert database.value("select count(*) from analytics.large") == 2
        misspelt = dbt(
            "run-operation",
            "pgtrickle_refresh",
            "--args",
            '{"model_name": "nothing"}',
            success=False,
        )
        assert "nothing" in misspelt["log"]

        if version.startswith("2"):
            return  # its catalog doesn't know Postgres
        dbt("docs", "generate")
        catalog = json.loads((tmp_path / "target" / "catalog.json").read_text())
        assert list(catalog["nodes"]["model.shop.totals"]["columns"]) == [
            "region",
            "orders",
            "largest",
        ]
