"""dev, ci and prod: which schema each builds in, and a pull request's that reads production's."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from tasklib.base import env_file
from tasklib.tasks.drop_schema import drop_schema
from tasklib.engines.external import wants
from tasklib.base.errors import UserError
from tasklib.project.profile import target
from tasklib.project.project import find_project
from tests.materialization.shop import ORDERS, SOURCES, TOTALS_QUERY
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database
from tests.support.warm import programs
from tests.template.helpers import copy_project, run

READER = "select orders, count(*) as regions from {{ ref('totals') }} group by orders"


@pytest.mark.parametrize(
    ("environment", "schema"),
    [
        ({}, "mart"),
        ({"DBT_SCHEMA": "mart_anna"}, "mart_anna"),
        ({"DBT_TARGET": "ci"}, "ci"),
        ({"DBT_TARGET": "ci", "DBT_SCHEMA": "pr_12"}, "pr_12"),
        ({"DBT_TARGET": "prod", "DBT_SCHEMA": "mart_anna"}, "mart"),
    ],
)
def test_each_developer_and_each_pull_request_has_a_schema(
    tmp_path: Path, environment: dict[str, str], schema: str
) -> None:
    root = copy_project(tmp_path / "shop", dbt_schema="mart")
    found = target(root, environment)
    assert isinstance(found, dict) and found["schema"] == schema
    env_file.update(root / ".env", environment)
    project = find_project(root)
    assert project.dbt_schema == wants.of(project).schema == schema


def section(project: Path, heading: str) -> list[str]:
    """The commands below a heading of docs/targets.md."""
    text = (project / "docs" / "targets.md").read_text()
    return re.findall(r"(?m)^    (\S.*)$", text.split(f"## {heading}\n")[1].split("\n## ")[0])


def changed_after_production(tmp_path: Path, database: Database, artifacts: Path) -> DbtProject:
    """A project that production has built, its artifacts put aside, and a model changed since."""
    root = copy_project(tmp_path / "shop", sample_models="no", engine="external")
    env_file.update(root / ".env", database.env)
    project = DbtProject(root, database)
    database.execute(ORDERS)
    marts = {"models/marts/totals.sql": TOTALS_QUERY, "models/marts/more.sql": READER}
    project.write({"models/sources/sources.yml": f"version: 2\n{SOURCES}", **marts})
    project.dbt("run", "--target", "prod")
    shutil.copytree(root / "target", artifacts)
    wider = READER.replace("as regions", "as regions, max(largest) as largest")
    project.write({"models/marts/more.sql": wider})
    return project


@pytest.mark.long
@pytest.mark.timeout(600)
def test_who_builds_only_a_change_reads_the_rest_where_production_has_it(
    tmp_path: Path, database: Database
) -> None:
    """By the commands of the page: a developer's, then a pull request's."""
    project = changed_after_production(tmp_path, database, tmp_path / "shop" / "production")
    root = project.root

    def typed(*commands: str) -> str:
        return run("bash", "-ec", "\n".join(commands), cwd=root, PATH=path)

    path = f"{programs()}:{os.environ['PATH']}"
    set_up, plan, build, verify = section(root, "Only what you change")
    told = typed(set_up, plan, build, verify.replace("MODEL", "more"))
    assert "create  analytics_anna.more" in told and "1 stream tables: 1 create" in told
    assert "verify: 1 ok" in told
    bound = "select source_relid::regclass::text from pgtrickle.pgt_dependencies join"
    bound += " pgtrickle.pgt_stream_tables using (pgt_id) where pgt_schema = %s"
    assert database.value(bound, "analytics_anna") == "analytics.totals"
    typed(set_up, "invoke build")
    assert database.value(f"{bound} and pgt_name = 'more'", "analytics_anna") == (
        "analytics_anna.totals"
    )

    build, drop = section(root, "A pull request on a shared server")
    typed(build)
    assert database.value(bound, "pr_12") == "analytics.totals"
    typed(f"{drop} --yes")
    assert database.value("select to_regnamespace('pr_12')") is None
    assert database.value("select count(*) from analytics.more") == 1


def test_a_pull_request_builds_what_it_changes_on_top_of_production_and_goes_again(
    tmp_path: Path, database: Database
) -> None:
    project = changed_after_production(tmp_path, database, tmp_path / "production")
    root = project.root
    changed = ("--select", "state:modified+", "--defer", "--state", str(tmp_path / "production"))
    built = project.dbt("run", "--target", "ci", *changed, env={"DBT_SCHEMA": "pr_12"})
    assert set(built.nodes) - {"my_stream_tables-on-run-end-0"} == {"more"}

    # production goes on meanwhile, and replaces what the pull request reads
    totals = TOTALS_QUERY.replace("max(amount)", "min(amount) as smallest, max(amount)")
    project.write({"models/marts/totals.sql": totals, "models/marts/more.sql": READER})
    replaced = project.dbt("run", "--target", "prod").messages["totals"]
    assert replaced.startswith("REPLACED (output columns changed")

    database.execute("insert into raw.orders values (31, 'region 0', 99)")
    for name in ("analytics.totals", "analytics.more", "pr_12.more"):
        database.query("select pgtrickle.refresh_stream_table(%s)", name)
    assert database.query("select orders, regions, largest from pr_12.more order by orders") == [
        {"orders": 10, "regions": 2, "largest": 29}, {"orders": 11, "regions": 1, "largest": 99},
    ]  # fmt: skip

    drop_schema(find_project(root), "pr_12", yes=True)
    assert database.value("select to_regnamespace('pr_12')") is None
    database.execute("insert into raw.orders values (32, 'region 0', 100)")
    for name in ("analytics.totals", "analytics.more"):
        database.query("select pgtrickle.refresh_stream_table(%s)", name)
    assert database.query("select orders, regions from analytics.more order by orders") == [
        {"orders": 10, "regions": 2}, {"orders": 12, "regions": 1},
    ]  # fmt: skip
    for lasting in ("analytics", "raw"):
        with pytest.raises(UserError):
            drop_schema(find_project(root), lasting, yes=True)
