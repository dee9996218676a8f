"""Every kind of parent, every dbt command, and a model that becomes or stops being a stream table."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.materialization.shop import (
    FILES,
    ORDERS,
    TOTALS_QUERY,
    contents,
    follows_its_source,
    refresh,
    stream_table,
    stream_table_model,
)
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database

COUNT = "select region, count(*) as orders from {{ ref('parent') }} group by region"
SNAPSHOT = """
{% snapshot history %}
{{ config(target_schema='analytics', unique_key='region', strategy='check', check_cols=['orders']) }}
select region, orders from {{ ref('totals') }}
{% endsnapshot %}
"""


@pytest.fixture
def project(database: Database, dbt_project: Callable[..., DbtProject]) -> DbtProject:
    database.execute(ORDERS)
    return dbt_project(FILES)


@pytest.mark.parametrize("kind", ["ephemeral", "view", "table", "incremental", "stream_table"])
def test_a_model_of_any_kind_can_be_a_parent(
    project: DbtProject, database: Database, kind: str
) -> None:
    project.write(
        {
            "models/parent.sql": f"{{{{ config(materialized='{kind}') }}}} select id, region from {{{{ source('raw', 'orders') }}}}",
            "models/totals.sql": stream_table_model(COUNT),
        }
    )
    for _ in range(2):
        project.dbt("build")
        assert stream_table(database)["status"] == "ACTIVE"
        assert contents(database, "totals", "region, orders")[0] == ("region 0", 10)


def test_a_snapshot_can_be_a_parent(project: DbtProject, database: Database) -> None:
    project.write(
        {
            "snapshots/parent.sql": "{% snapshot parent %}{{ config(target_schema='analytics', unique_key='id', strategy='check', check_cols='all') }} select id, region from {{ source('raw', 'orders') }}{% endsnapshot %}",
            "models/totals.sql": stream_table_model(COUNT),
        }
    )
    project.dbt("build")
    assert project.dbt("build").messages["totals"] == "UNCHANGED"
    database.execute("insert into raw.orders values (100, 'region 0', 1)")
    project.dbt("snapshot")
    refresh(database)
    assert contents(database, "totals", "region, orders")[0] == ("region 0", 11)


def test_a_stream_table_can_be_snapshotted(project: DbtProject, database: Database) -> None:
    project.write({"snapshots/history.sql": SNAPSHOT})
    project.dbt("build")
    assert follows_its_source(database)
    project.dbt("snapshot")
    rows = database.query(
        "select orders, dbt_valid_to is null as current from analytics.history where region = 'region 0' order by 1"
    )
    assert rows == [{"orders": 10, "current": False}, {"orders": 11, "current": True}]


def test_retry_runs_what_failed(project: DbtProject, database: Database) -> None:
    project.artifacts = True
    project.write(
        {"models/totals.sql": stream_table_model(TOTALS_QUERY.replace("amount", "amuont"))}
    )
    assert not project.dbt("run", check=False).success
    project.write({"models/totals.sql": stream_table_model(TOTALS_QUERY)})
    assert project.dbt("retry").success
    assert stream_table(database)["status"] == "ACTIVE"


def test_ls_selects_by_materialization(project: DbtProject) -> None:
    project.write({"models/plain.sql": "select 1 as x"})
    result = project.dbt("ls", "--select", "config.materialized:stream_table")
    assert result.listed == ["shop.totals"]


def test_store_failures_and_tests_on_a_stream_table(
    project: DbtProject, database: Database
) -> None:
    project.write(
        {
            "models/properties.yml": "models:\n- name: totals\n  columns:\n  - name: region\n    data_tests: [unique, not_null]\n  - name: largest\n    data_tests:\n    - accepted_values: {arguments: {values: [1]}, config: {store_failures: true}}\n"
        }
    )
    result = project.dbt("build", check=False)
    assert [
        status
        for name, status in sorted(result.nodes.items())
        if name.startswith(("not_null", "unique"))
    ] == ["pass", "pass"]
    assert (
        database.value(
            "select count(*) from information_schema.tables where table_schema like '%%dbt_test__audit'"
        )
        == 1
    )


def test_a_unit_test_of_a_stream_table_model(project: DbtProject) -> None:
    project.write(
        {
            "models/unit.yml": """
unit_tests:
- name: counts
  model: totals
  given:
  - input: source('raw', 'orders')
    rows: [{id: 1, region: a, amount: 2}, {id: 2, region: a, amount: 5}]
  expect:
    rows: [{region: a, orders: 2, largest: 5}]
"""
        }
    )
    assert project.dbt("test", "--select", "test_type:unit").nodes["counts"] == "pass"


def test_clone_is_refused_with_the_reason_or_gives_a_view(
    project: DbtProject, database: Database
) -> None:
    project.artifacts = True
    project.dbt("run")
    state = project.root / "state"
    (project.root / "target").rename(state)
    profile = project.root / "profiles.yml"
    profile.write_text(profile.read_text().replace("schema: analytics", "schema: other"))
    result = project.dbt("clone", "--state", str(state), "--select", "totals", check=False)
    kind = (
        database.value("select relkind from pg_class where oid = to_regclass('other.totals')")
        if result.success
        else None
    )
    assert kind == "v" or "clone" in result.log
    assert database.value("select count(*) from pgtrickle.pgt_stream_tables") == 1


@pytest.mark.parametrize("other", ["table", "view", "incremental"])
def test_a_model_becomes_something_else_and_comes_back_with_nothing_left(
    project: DbtProject, database: Database, other: str
) -> None:
    triggers = "select count(*) from pg_trigger where tgrelid = 'raw.orders'::regclass and not tgisinternal"
    project.dbt("run")
    assert database.value(triggers) > 0
    project.write({"models/totals.sql": f"{{{{ config(materialized='{other}') }}}} {TOTALS_QUERY}"})
    project.dbt("run")
    assert database.value("select count(*) from pgtrickle.pgt_stream_tables") == 0
    assert database.value(triggers) == 0
    assert len(contents(database)) == 3
    project.dbt("run")
    project.write(FILES)
    project.dbt("run")
    assert stream_table(database)["status"] == "ACTIVE"
    assert follows_its_source(database)


@pytest.mark.parametrize("other", ["table", "incremental"])
def test_one_that_others_read_becomes_something_else_together_with_them(
    project: DbtProject, database: Database, other: str
) -> None:
    project.write(
        {
            "models/top.sql": stream_table_model("select region, orders from {{ ref('totals') }}"),
            "models/summit.sql": stream_table_model("select region from {{ ref('top') }}"),
        }
    )
    project.dbt("run")
    project.write({"models/totals.sql": f"{{{{ config(materialized='{other}') }}}} {TOTALS_QUERY}"})
    alone = project.dbt("run", "--select", "totals top", check=False)
    assert "[PGT027] totals: it is no stream table any more" in alone.log
    assert "does not build again: summit." in alone.log
    assert stream_table(database)["status"] == "ACTIVE"
    result = project.dbt("run")
    assert "Dropped the stream table analytics.top, which this run builds again" in result.log
    names = "select string_agg(pgt_name, ' ' order by pgt_name) from pgtrickle.pgt_stream_tables"
    assert database.value(names) == "summit top"
    assert database.value("select count(*) from analytics.summit") == 3


def test_stream_table_under_a_view_that_becomes_a_table_is_bound_again(
    project: DbtProject, database: Database
) -> None:
    parent = "select id, region from {{ source('raw', 'orders') }}"
    project.write({"models/parent.sql": parent, "models/totals.sql": stream_table_model(COUNT)})
    project.dbt("run")
    project.write({"models/parent.sql": "{{ config(materialized='table') }}" + parent})
    project.dbt("run", "--select", "parent")
    assert stream_table(database)["status"] == "ACTIVE"
    database.execute("insert into analytics.parent values (100, 'region 0')")
    refresh(database)
    assert contents(database, "totals", "region, orders")[0] == ("region 0", 11)


def test_an_incremental_parent_that_wants_another_column_is_refused_with_the_remedy_or_handled(
    project: DbtProject, database: Database
) -> None:
    head = "{{ config(materialized='incremental', unique_key='id', on_schema_change='append_new_columns') }} "
    project.write(
        {
            "models/parent.sql": head + "select id, region from {{ source('raw', 'orders') }}",
            "models/totals.sql": stream_table_model(COUNT),
        }
    )
    project.dbt("run")
    project.write(
        {"models/parent.sql": head + "select id, region, amount from {{ source('raw', 'orders') }}"}
    )
    result = project.dbt("run", check=False)
    assert result.success or "block_source_ddl" in result.log
    assert stream_table(database)["status"] == "ACTIVE"
    database.execute("insert into analytics.parent (id, region) values (100, 'region 0')")
    refresh(database)
    assert contents(database, "totals", "region, orders")[0] == ("region 0", 11)
