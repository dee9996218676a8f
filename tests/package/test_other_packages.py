"""Packages that many projects have, installed beside this one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.materialization.shop import ORDERS, SOURCES, TOTALS_QUERY, stream_table_model
from tests.package.package_project import package_project
from tests.support.postgres import ROOT, Database

# They come from dbt's hub. PGTRICKLE_DBT_PACKAGES, a folder of their checkouts by these names,
# stands for it where it can't be reached.
HUB = {
    "dbt_utils": "dbt-labs/dbt_utils",
    "dbt_date": "godatadriven/dbt_date",
    "dbt_expectations": "metaplane/dbt_expectations",
    "elementary": "elementary-data/elementary",
}
VERSIONS = {
    "dbt_utils": ">=1.3.0", "dbt_date": ">=0.10.0", "dbt_expectations": ">=0.10.0",
    "elementary": ">=0.16.0",
}  # fmt: skip
TOTALS = stream_table_model(
    "select {{ dbt_utils.generate_surrogate_key(['region']) }} as key, * from (\n"
    + TOTALS_QUERY
    + "\n) as totals"
)
# as docs/package.md has it
ORDER = ["shop", "dbt_pgtrickle", "elementary", "dbt"]
TESTS = """
models:
- name: totals
  columns:
  - name: orders
    data_tests:
    - dbt_utils.accepted_range: {min_value: 1}
    - dbt_expectations.expect_column_values_to_be_between: {min_value: 1}
  data_tests:
  - dbt_pgtrickle.stream_table_matches_query
  - dbt_utils.unique_combination_of_columns: {combination_of_columns: [region]}
  - elementary.schema_changes
"""
# elementary's documentation asks for it
RESULTS = """
{% materialization test, default %}
  {{ return(elementary.materialization_test_default()) }}
{% endmaterialization %}
"""


def packages() -> list[dict[str, Any]]:
    folder = os.environ.get("PGTRICKLE_DBT_PACKAGES")
    if folder:
        return [{"local": str(Path(folder) / name)} for name in HUB]
    return [{"package": place, "version": [VERSIONS[name]]} for name, place in HUB.items()]


@pytest.mark.long
@pytest.mark.timeout(900)
def test_dbt_utils_dbt_expectations_and_elementary_are_at_work_beside_it(
    tmp_path: Path, database: Database
) -> None:
    database.execute(ORDERS)
    files = {
        "models/sources.yml": SOURCES, "models/totals.sql": TOTALS, "models/totals.yml": TESTS,
        "macros/test.sql": RESULTS,
    }  # fmt: skip
    project = package_project(
        tmp_path, database, files,
        dispatch=[{"macro_namespace": "dbt", "search_order": ORDER}],
    )  # fmt: skip
    here = {"packages": [{"local": str(ROOT)}, *packages()]}
    project.write({"packages.yml": yaml.safe_dump(here)})
    fetched = project.dbt("deps", check=False)
    if not fetched.success:
        assert not os.environ.get("PGTRICKLE_DBT_PACKAGES"), fetched.log
        pytest.skip("dbt's hub can't be reached, and PGTRICKLE_DBT_PACKAGES names no checkouts")
    for expected in ("CREATED", "UNCHANGED"):
        done = project.dbt("build")
        assert done.messages["totals"] == expected
        ours = [name for name in done.nodes if "totals" in name and name != "totals"]
        assert len(ours) == 5
        assert {done.nodes[name] for name in ours} == {"pass"}
    assert database.value("select count(*) from analytics.elementary_test_results") > 0
