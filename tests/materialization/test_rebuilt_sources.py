"""Parents that dbt makes anew under a stream table: a view, a table, a seed, an incremental."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.materialization.shop import (
    ORDERS,
    SOURCES,
    follows_its_source,
    full_refreshes,
    stream_table,
    stream_table_model,
)
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database

STAGING = "select id, region, amount from {{ source('raw', 'orders') }}"
TOTALS = stream_table_model(
    "select region, count(*) as orders from {{ ref('staging') }} group by region"
)
FILES = {"models/sources.yml": SOURCES, "models/totals.sql": TOTALS}


@pytest.fixture
def make(database: Database, dbt_project: Callable[..., DbtProject]) -> Callable[[str], DbtProject]:
    """A project whose staging model has the given materialization, run once."""

    def project(materialized: str) -> DbtProject:
        database.execute(ORDERS)
        made = dbt_project(
            {
                **FILES,
                "models/staging.sql": f"{{{{ config(materialized='{materialized}') }}}}\n{STAGING}",
            }
        )
        made.dbt("run")
        return made

    return project


def test_ten_runs_over_an_unchanged_view_cost_no_full_refresh_and_no_error(
    make: Callable[[str], DbtProject], database: Database
) -> None:
    project = make("view")
    before, definition = stream_table(database), full_refreshes(database)
    for _ in range(10):
        result = project.dbt("run")
        assert [result.messages[name] for name in ("staging", "totals")] == ["UNCHANGED"] * 2
    assert stream_table(database) == before
    assert full_refreshes(database) == definition
    assert (
        database.value("select count(*) from pgtrickle.pgt_refresh_history where status = 'FAILED'")
        == 0
    )
    assert follows_its_source(database)
    assert full_refreshes(database) == definition, "it is still refreshed incrementally"


def test_a_changed_view_is_replaced_in_place_and_its_stream_table_follows(
    make: Callable[[str], DbtProject], database: Database
) -> None:
    project = make("view")
    relation = database.value("select 'analytics.staging'::regclass::oid")
    project.write({"models/staging.sql": STAGING + " where amount > 3"})
    project.dbt("run")
    assert database.value("select 'analytics.staging'::regclass::oid") == relation
    assert database.value("select sum(orders) from analytics.totals") == 27
    assert stream_table(database)["status"] == "ACTIVE"
    assert follows_its_source(database)


def test_a_view_with_other_columns_is_made_anew_and_its_stream_table_bound_again(
    make: Callable[[str], DbtProject], database: Database
) -> None:
    project = make("view")
    project.write(
        {"models/staging.sql": "select region, id::bigint as id from {{ source('raw', 'orders') }}"}
    )
    result = project.dbt("run")
    assert result.messages["totals"].startswith("REBOUND")
    assert stream_table(database)["status"] == "ACTIVE"
    assert follows_its_source(database)


def test_a_table_parent_is_bound_again_in_the_same_run_with_a_warning(
    make: Callable[[str], DbtProject], database: Database
) -> None:
    project = make("table")
    result = project.dbt("run")
    assert result.messages["totals"].startswith("REBOUND")
    assert "PGT023" in result.log
    assert "the table model staging" in result.log
    assert stream_table(database)["status"] == "ACTIVE"


def test_a_table_parent_rebuilt_alone_is_bound_again_at_the_end_of_the_run(
    make: Callable[[str], DbtProject], database: Database
) -> None:
    project = make("table")
    database.execute("insert into raw.orders values (100, 'region 0', 1)")
    result = project.dbt("run", "--select", "staging")
    assert "analytics.totals: REBOUND" in result.log
    assert stream_table(database)["status"] == "ACTIVE"
    assert database.value("select sum(orders) from analytics.totals") == 31
    database.execute("insert into analytics.staging values (101, 'region 0', 1)")
    database.query("select pgtrickle.refresh_stream_table('analytics.totals')")
    assert database.value("select sum(orders) from analytics.totals") == 32


def test_a_table_parent_rebuilt_alone_with_other_columns_under_select_star_replaces(
    make: Callable[[str], DbtProject], database: Database
) -> None:
    project = make("table")
    project.write({"models/totals.sql": stream_table_model("select * from {{ ref('staging') }}")})
    project.dbt("run")
    project.write(
        {
            "models/staging.sql": "{{ config(materialized='table') }} select 'new' as added, region, id from {{ source('raw', 'orders') }}"
        }
    )
    result = project.dbt("run", "--select", "staging")
    assert "analytics.totals: REPLACED" in result.log
    assert (
        database.value(
            "select count(*) from analytics.totals where added = 'new' and region like 'region%%'"
        )
        == 30
    )


def test_a_full_refreshed_incremental_is_followed(
    make: Callable[[str], DbtProject], database: Database
) -> None:
    project = make("incremental")
    before = stream_table(database)
    assert project.dbt("run").messages["totals"] == "UNCHANGED"
    assert stream_table(database)["pgt_relid"] == before["pgt_relid"]
    project.dbt("run", "--full-refresh", "--select", "staging")
    assert stream_table(database)["status"] == "ACTIVE"
    database.execute("insert into analytics.staging values (101, 'region 0', 1)")
    database.query("select pgtrickle.refresh_stream_table('analytics.totals')")
    assert database.value("select max(orders) from analytics.totals") == database.value(
        "select max(n) from (select count(*) as n from analytics.staging group by region) q"
    )


def test_a_seed_is_followed_through_a_seed_and_a_full_refresh(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    project = dbt_project(
        {
            "seeds/people.csv": "id,region\n1,north\n2,south\n",
            "models/totals.sql": stream_table_model(
                "select region, count(*) as orders from {{ ref('people') }} group by region"
            ),
        }
    )
    project.dbt("build")
    project.write({"seeds/people.csv": "id,region\n1,north\n2,south\n3,south\n"})
    project.dbt("seed")
    database.query("select pgtrickle.refresh_stream_table('analytics.totals')")
    assert database.value("select orders from analytics.totals where region = 'south'") == 2
    project.write({"seeds/people.csv": "id,region\n1,north\n"})
    result = project.dbt("seed", "--full-refresh")
    assert "analytics.totals: REBOUND" in result.log
    assert database.query("select region, orders from analytics.totals") == [
        {"region": "north", "orders": 1}
    ]


def test_a_chain_over_a_rebuilt_table_is_bound_again_upstream_first(
    make: Callable[[str], DbtProject], database: Database
) -> None:
    project = make("table")
    # 0.67.0 can't refresh a stream table on a source without a key once another one reads from it (42P10)
    key = "{{ config(materialized='table', post_hook='alter table {{ this }} add primary key (id)') }}"
    project.write({"models/staging.sql": key + STAGING})
    project.write(
        {"models/top.sql": stream_table_model("select region, orders from {{ ref('totals') }}")}
    )
    project.dbt("run")
    result = project.dbt("run", "--select", "staging")
    assert "analytics.totals: REBOUND" in result.log
    for name in ("totals", "top"):
        assert stream_table(database, name)["status"] == "ACTIVE"
    database.execute("insert into analytics.staging values (101, 'region 0', 1)")
    for name in ("totals", "top"):
        database.query("select pgtrickle.refresh_stream_table(%s)", f"analytics.{name}")
    assert database.value("select orders from analytics.top where region = 'region 0'") == 11


def test_a_changed_view_inside_a_view_is_followed(
    make: Callable[[str], DbtProject], database: Database
) -> None:
    project = make("view")
    project.write(
        {
            "models/between.sql": "select region, amount from {{ ref('staging') }}",
            "models/totals.sql": TOTALS.replace("ref('staging')", "ref('between')"),
        }
    )
    project.dbt("run")
    project.write({"models/staging.sql": STAGING + " where amount > 3"})
    project.dbt("run")
    assert database.value("select sum(orders) from analytics.totals") == 27
    assert follows_its_source(database)
    assert database.value("select sum(orders) from analytics.totals") == 28
    project.write({"models/staging.sql": STAGING + " where amount > 5"})
    project.dbt("run", "--select", "staging")
    assert database.value("select sum(orders) from analytics.totals") == 26


def test_a_view_with_an_enforced_contract_is_left_alone_too(
    make: Callable[[str], DbtProject], database: Database
) -> None:
    project = make("view")
    contract = """
models:
- name: staging
  config: {contract: {enforced: true}}
  columns:
  - {name: id, data_type: integer}
  - {name: region, data_type: text}
  - {name: amount, data_type: integer}
"""
    project.write({"models/contract.yml": contract})
    assert project.dbt("run").messages["totals"] == "UNCHANGED"
    project.write(
        {"models/contract.yml": contract.replace("data_type: text", "data_type: integer")}
    )
    assert "contract" in project.dbt("run", check=False).log


# Not a group: pg_trickle 0.67.0 keeps those wrong in IMMEDIATE mode on a table without a key.
COPY = "select id, region from {{ ref('staging') }}"


@pytest.mark.parametrize("command", ["run --select staging", "run", "run --full-refresh"])
def test_an_immediate_one_follows_a_rebuilt_table(
    make: Callable[[str], DbtProject], database: Database, command: str
) -> None:
    """With its source gone, pg_trickle 0.67.0 neither alters nor drops it."""
    project = make("table")
    project.write({"models/totals.sql": stream_table_model(COPY, refresh_mode="IMMEDIATE")})
    project.dbt("run")
    project.dbt(*command.split())
    database.execute("insert into analytics.staging values (101, 'region 0', 1)")
    assert database.value("select count(*) from analytics.totals") == 31
    project.write({"models/totals.sql": "{{ config(materialized='table') }} select 1 as orders"})
    database.execute("drop table analytics.staging cascade")
    project.dbt("run")
    assert database.value("select count(*) from pgtrickle.pgt_stream_tables") == 0


def test_an_immediate_one_follows_a_parent_of_every_kind(
    make: Callable[[str], DbtProject], database: Database
) -> None:
    project = make("view")
    project.write({"models/totals.sql": stream_table_model(COPY, refresh_mode="IMMEDIATE")})
    project.dbt("run")
    for number, kind in enumerate(["table", "view", "incremental", "incremental", "view"]):
        project.write({"models/staging.sql": f"{{{{ config(materialized='{kind}') }}}}\n{STAGING}"})
        project.dbt("run", "--full-refresh", "--select", "staging")
        target = "raw.orders" if kind == "view" else "analytics.staging"
        before = database.value("select count(*) from analytics.totals")
        database.execute(f"insert into {target} values ({200 + number}, 'region 0', 1)")
        assert database.value("select count(*) from analytics.totals") == before + 1, kind


def test_an_immediate_one_on_a_table_without_a_key_warns_on_every_run(
    make: Callable[[str], DbtProject], database: Database
) -> None:
    project = make("view")
    project.write({"models/totals.sql": stream_table_model(COPY, refresh_mode="IMMEDIATE")})
    assert "PGT024" not in project.dbt("run").log
    project.write({"models/staging.sql": "{{ config(materialized='table') }}\n" + STAGING})
    assert "PGT024" in project.dbt("run", "--full-refresh").log
    assert "PGT024" in project.dbt("run").log


def test_a_reader_of_one_on_a_table_without_a_key_warns_on_every_run(
    make: Callable[[str], DbtProject], database: Database
) -> None:
    project = make("incremental")
    top = stream_table_model(
        "select region, count(*) as n from {{ ref('totals') }} group by region"
    )
    project.write({"models/totals.sql": stream_table_model(COPY), "models/top.sql": top})
    for _ in range(2):
        log = project.dbt("run").log
        assert "[PGT025] top: it reads analytics.totals, which stands on a table without" in log
    # groups are told apart without a key, and FULL needs none
    for totals in (TOTALS, stream_table_model(COPY, refresh_mode="FULL")):
        project.write({"models/totals.sql": totals})
        assert "PGT025" not in project.dbt("run").log


@pytest.mark.parametrize("select", ["", "--select staging"])
def test_several_on_a_full_refreshed_incremental_all_follow_it(
    make: Callable[[str], DbtProject], database: Database, select: str
) -> None:
    """pg_trickle 0.67.0 takes the new table's capture triggers away with the last of the old one."""
    project = make("incremental")
    project.write({"models/copy.sql": stream_table_model(COPY)})
    project.dbt("run")
    project.dbt("run", "--full-refresh", *select.split())
    database.execute("insert into analytics.staging values (101, 'region 0', 1)")
    for name in ("totals", "copy"):
        database.query(f"select pgtrickle.refresh_stream_table('analytics.{name}')")
    assert database.value("select sum(orders) from analytics.totals") == 31
    assert database.value("select count(*) from analytics.copy") == 31


def test_columns_of_other_types_and_of_pg_trickles_own_names_are_followed(
    make: Callable[[str], DbtProject], database: Database
) -> None:
    """pg_trickle 0.67.0 goes on with the buffer that a table of that name left behind."""
    project = make("incremental")
    for amount, action in (("amount::text", "'a'"), ("amount::numeric(10, 2)", "7")):
        staging = f"select id, region, {amount} as amount, {action} as action from {{{{ source('raw', 'orders') }}}}"
        totals = "select max(amount) as largest, max(action) as action, count(*) as orders from {{ ref('staging') }}"
        project.write(
            {
                "models/staging.sql": "{{ config(materialized='incremental') }}" + staging,
                "models/totals.sql": stream_table_model(totals),
            }
        )
        project.dbt("run", "--full-refresh")
    database.execute("insert into analytics.staging values (101, 'region 0', 1000.5, 9)")
    database.query("select pgtrickle.refresh_stream_table('analytics.totals')")
    assert [
        tuple(row.values())
        for row in database.query("select largest::text, action, orders::int from analytics.totals")
    ] == [("1000.50", 9, 31)]


def test_lost_capture_triggers_are_made_again_by_the_next_run(
    make: Callable[[str], DbtProject], database: Database
) -> None:
    project = make("view")
    for trigger in database.query(
        "select tgname from pg_trigger where tgrelid = 'raw.orders'::regclass and tgname ~ 'cdc'"
    ):
        database.execute(f"drop trigger {trigger['tgname']} on raw.orders")
    database.execute("insert into raw.orders values (100, 'region 0', 1)")
    result = project.dbt("run")
    assert result.messages["totals"] == "REBOUND (nothing captures the changes of raw.orders)"
    assert database.value("select sum(orders) from analytics.totals") == 31
    assert follows_its_source(database)
    assert project.dbt("run").messages["totals"] == "UNCHANGED"
