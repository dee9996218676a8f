"""dbt v2, written in Rust: no transaction, text cut at semicolons, and less of Jinja."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.checks.shop import scheduler
from tests.materialization.shop import (
    ORDERS,
    SOURCES,
    TOTALS_QUERY,
    contents,
    follows_its_source,
    stream_table,
)
from tests.package.package_project import package_project
from tests.package.venvs import dbt_v2
from tests.support.dbt_project import DbtProject, make_project
from tests.support.postgres import Database

# The one is the newest that PyPI has as a wheel, the other the newest that is called dbt-core.
VERSIONS = ["2.0", pytest.param("2.0.0a4", marks=pytest.mark.long)]
OTHER_COLUMNS = TOTALS_QUERY.replace("count(*)", "min(amount) as smallest, count(*)")
# as dbt says it itself
NO_COMMENTS = r"""
create function refuse() returns event_trigger language plpgsql as $$ begin
  if current_query() ~ '^\s*(/\*.*?\*/)?\s*comment on column' then raise 'not today'; end if;
end $$;
create event trigger no_comments on ddl_command_start when tag in ('COMMENT')
execute function refuse()
"""


def model(query: str, materialized: str = "stream_table", **config: Any) -> str:
    """A model's text, its settings in meta: v2 knows few of them elsewhere."""
    meta = {"schedule": "1h", "trial": "off", **config.pop("meta", {})}
    settings = {"materialized": materialized, "meta": meta, **config}
    arguments = ", ".join(f"{key}={value!r}" for key, value in settings.items())
    return "{{ config(" + arguments + ") }}\n" + query


def some(cases: Iterable[str], *always: str) -> list[Any]:
    """Parameters of a test, of which a few run each time."""
    return [pytest.param(one, marks=[] if one in always else pytest.mark.long) for one in cases]


@dataclass
class Shop:
    """A project with the macros bundled, its database, and v2 to run it."""

    project: DbtProject
    database: Database
    dbt: Callable[..., dict[str, Any]]

    def write(self, text: str, name: str = "totals") -> None:
        self.project.write({f"models/{name}.sql": text})

    def run(self, *args: str, success: bool = True) -> dict[str, Any]:
        return self.dbt("run", *args, success=success)


@pytest.fixture(params=VERSIONS)
def shop(request: pytest.FixtureRequest, tmp_path: Path, database: Database) -> Shop:
    database.execute(ORDERS)
    project = make_project(tmp_path, database, {"models/sources.yml": SOURCES})
    return Shop(project, database, dbt_v2(request.param, tmp_path, database))


def test_an_odd_number_of_quotes_arrives_wherever_it_stands(shop: Shop) -> None:
    query = """
-- it's a comment; with a semicolon
select region, 'it''s; $$ one' as "a 'name';", count(*) as orders -- it's another
from {{ source('raw', 'orders') }} /* and; it's */ where region <> E'\\\\''; ' group by region;
"""
    docs = {"relation": True, "columns": True}
    # incrementally, pg_trickle itself doesn't take it
    shop.write(model(query, persist_docs=docs, meta={"refresh_mode": "FULL"}))
    shop.write(model("select 1 as n", "view", persist_docs={"relation": True}), "plain")
    described = "models: [{name: totals, description: it's; odd, columns: [{name: region,"
    described += " description: o'clock}]}, {name: plain, description: that's it}]"
    shop.project.write({"models/described.yml": described})
    assert shop.run()["messages"]["totals"] == "CREATED"
    assert shop.run()["messages"] == {"totals": "UNCHANGED", "plain": "UNCHANGED"}
    row = shop.database.query("select * from analytics.totals where region = 'region 1'")[0]
    assert (row["a 'name';"], row["orders"]) == ("it's; $$ one", 10)
    comments = "select obj_description(%s::regclass)"
    assert shop.database.value(comments, "analytics.totals") == "it's; odd"
    assert shop.database.value(comments, "analytics.plain") == "that's it"
    column = "select col_description('analytics.totals'::regclass, attnum) from pg_attribute"
    column += " where attrelid = 'analytics.totals'::regclass and attname = 'region'"
    assert shop.database.value(column) == "o'clock"


# What fails, what it takes to provoke that, and whether the old one is there afterwards.
STEPS: dict[str, tuple[dict[str, Any], str, bool]] = {
    "a pre-hook": ({"pre_hook": ["select 1 / 0"]}, OTHER_COLUMNS, True),
    "the contract": ({"contract": {"enforced": True}}, OTHER_COLUMNS, True),
    "PostgreSQL on the query": ({}, OTHER_COLUMNS.replace("amount", "amuont"), True),
    "the trial": ({"meta": {"trial": "on"}}, OTHER_COLUMNS.replace("min(", "1 / min(0 * "), True),
    "the filling": ({}, OTHER_COLUMNS.replace("min(amount)", "1 / min(amount - 1)"), True),
    "what dbt remembers": ({}, OTHER_COLUMNS, False),
    "an index": ({"indexes": [{"columns": ["nothing"]}]}, OTHER_COLUMNS, False),
    "a grant": ({"grants": {"select": ["nobody_here"]}}, OTHER_COLUMNS, False),
    "a post-hook": ({"post_hook": ["select 1 / 0"]}, OTHER_COLUMNS, False),
}


@pytest.mark.parametrize("step", some(STEPS, "the filling", "what dbt remembers"))
def test_a_failure_leaves_a_fresh_stream_table_and_the_next_run_mends_the_rest(
    shop: Shop, step: str
) -> None:
    config, query, is_old = STEPS[step]
    shop.write(model(TOTALS_QUERY))
    columns = "models: [{name: totals, columns: [{name: region, data_type: text}]}]"
    shop.project.write({"models/totals.yml": columns})
    shop.run()
    shop.write(model(query, **config))
    if step == "what dbt remembers":
        shop.database.execute(NO_COMMENTS)
    shop.run(success=False)
    shop.database.execute("drop event trigger if exists no_comments")
    assert stream_table(shop.database)["status"] == "ACTIVE"
    row = shop.database.query("select * from analytics.totals limit 1")[0]
    assert ("smallest" not in row) is is_old
    assert follows_its_source(shop.database)

    mended = model(
        OTHER_COLUMNS,
        indexes=[{"columns": ["orders", "largest"]}],
        grants={"select": ["pg_monitor"]},
    )
    shop.write(mended)
    shop.run()
    assert shop.run()["messages"] == {"totals": "UNCHANGED"}
    assert shop.database.value(
        "select has_table_privilege('pg_monitor', 'analytics.totals', 'select')"
    )
    indexed = "select count(*) from pg_indexes where indexdef like '%(orders, largest)%'"
    assert shop.database.value(indexed) == 1
    assert shop.database.value("select smallest from analytics.totals where region = 'region 1'")
    assert follows_its_source(shop.database)


@pytest.mark.parametrize("kind", some(["table", "view", "incremental"], "table"))
def test_a_stream_table_stays_until_what_takes_its_place_is_made(shop: Shop, kind: str) -> None:
    query = "select id, region, 1 as orders, amount from {{ source('raw', 'orders') }}"
    shop.write(model(query))
    shop.write(model("select id, orders from {{ ref('totals') }}"), "reader")
    shop.run()
    shop.write(model(query.replace("amount", "amuont" if kind == "view" else "1 / 0 * id"), kind))
    shop.run(success=False)
    assert follows_its_source(shop.database)
    assert stream_table(shop.database, "reader")["status"] == "ACTIVE"

    shop.write(model(query, kind))
    assert "PGT027" in shop.run("--select", "totals", success=False)["log"]
    assert "Dropped the stream table analytics.totals" in shop.run()["log"]
    assert shop.database.value("select count(*) from pgtrickle.pgt_stream_tables") == 1
    assert shop.database.value("select sum(orders) from analytics.totals") == 31
    shop.run()
    shop.write(model(query))
    assert shop.run()["messages"]["totals"].startswith("CREATED (takes the place of the")
    assert follows_its_source(shop.database)


def test_what_reads_a_replaced_one_comes_back_or_the_run_changes_nothing(shop: Shop) -> None:
    shop.write(model(TOTALS_QUERY))
    shop.write(model("select region, largest from {{ ref('totals') }}"), "reader")
    shop.run()
    shop.database.execute("create view analytics.seen as select region from analytics.totals")
    fewer = TOTALS_QUERY.replace(", max(amount) as largest", "")
    shop.write(model(fewer))
    said = shop.run("--select", "totals", success=False)["log"]
    assert "[PGT033]" in said
    assert "dbt run --select totals+" in said
    assert follows_its_source(shop.database)
    shop.write(model("select region from {{ ref('totals') }}"), "reader")
    assert shop.run()["messages"]["totals"].startswith("REPLACED (output columns changed")
    assert shop.database.value("select count(*) from analytics.seen") == 3
    assert follows_its_source(shop.database)


@pytest.mark.long
def test_an_immediate_one_follows_a_parent_that_is_made_anew(shop: Shop) -> None:
    source = "select id, region, amount from {{ source('raw', 'orders') }}"
    reader = TOTALS_QUERY.replace("source('raw', 'orders')", "ref('staged')")
    shop.write(model(reader, meta={"refresh_mode": "IMMEDIATE"}))
    for kind in ("view", "table", "view"):
        shop.write(model(source, kind), "staged")
        for _ in range(2):
            shop.run("--full-refresh", "--select", "staged")
            shop.run()
            assert stream_table(shop.database)["status"] == "ACTIVE"
            assert contents(shop.database)[1] == ("region 1", 10, 28)


def test_a_changed_view_and_what_reads_it_change_at_once(shop: Shop) -> None:
    source = "select id, region, amount from {{ source('raw', 'orders') }}"
    shop.write(model(source, "view"), "staged")
    shop.write(model(TOTALS_QUERY.replace("source('raw', 'orders')", "ref('staged')")))
    shop.run()
    shop.write(model(source + " where amount > 15", "view"), "staged")
    shop.run("--select", "staged")
    assert contents(shop.database, columns="sum(orders), 1")[0][0] == 15
    assert shop.run()["messages"] == {"staged": "UNCHANGED", "totals": "UNCHANGED"}
    assert follows_its_source(shop.database)


def test_eight_threads_create_eight_on_one_source(shop: Shop) -> None:
    for number in range(8):
        query = TOTALS_QUERY.replace("max(", f"{number} + max(")
        # tried side by side, they come to what the first one has to make at once
        shop.write(model(query, meta={"trial": "on"}), f"totals_{number}")
    assert set(shop.run("--threads", "8")["messages"].values()) == {"CREATED"}
    active = "select count(*) from pgtrickle.pgt_stream_tables where status = 'ACTIVE'"
    assert shop.database.value(active) == 8


def test_a_run_warns_of_nothing_where_the_trial_finds_nothing(shop: Shop) -> None:
    shop.write(model(TOTALS_QUERY, meta={"trial": "on"}))
    said = shop.run()
    assert said["messages"] == {"totals": "CREATED"}
    assert "[warning]" not in said["log"]


def test_the_generic_tests_and_the_operations_say_what_they_say_in_dbt_1(shop: Shop) -> None:
    shop.write(model(TOTALS_QUERY))
    tests = "[stream_table_healthy, stream_table_matches_query]"
    shop.project.write({"models/t.yml": f"models: [{{name: totals, data_tests: {tests}}}]"})
    with scheduler(shop.database):
        shop.dbt("build")
        shop.database.execute("insert into raw.orders values (31, 'region 0', 99)")
        shop.dbt("test")
        shop.dbt("run-operation", "pgtrickle_check_freshness")
        shop.dbt("run-operation", "pgtrickle_check_cdc_health")
    assert contents(shop.database)[0] == ("region 0", 11, 99)
    shop.database.execute("insert into raw.orders values (32, 'region 0', 100)")
    arguments = ("--args", "{model_name: totals}")
    assert (
        "refreshed analytics.totals"
        in shop.dbt("run-operation", "pgtrickle_refresh", *arguments)["log"]
    )
    assert contents(shop.database)[0] == ("region 0", 12, 100)
    planned = shop.dbt("run-operation", "pgtrickle_plan", "--args", "{full_refresh: true}")
    assert "REPLACE analytics.totals: --full-refresh" in planned["log"]
    assert (
        "PGT081"
        in shop.dbt(
            "run-operation",
            "pgtrickle_drop_stream_table",
            "--args",
            "{name: nothing}",
            success=False,
        )["log"]
    )
    (shop.project.root / "models/totals.sql").unlink()
    (shop.project.root / "models/t.yml").unlink()
    assert "ORPHAN analytics.totals" in shop.dbt("run-operation", "pgtrickle_prune")["log"]
    shop.dbt("run-operation", "drop_all_stream_tables_force")
    assert shop.database.value("select count(*) from pgtrickle.pgt_stream_tables") == 0


def test_dbts_source_freshness_knows_a_stream_table_that_is_not_refreshed(shop: Shop) -> None:
    # longer than it will be old, or the scheduler refreshes it at once
    shop.write(model(TOTALS_QUERY, meta={"schedule": "1d"}))
    freshness = (
        "sources: [{name: analytics, schema: analytics, tables: [{name: totals, config: {"
        'loaded_at_query: "{{ pgtrickle_loaded_at(this) }}", freshness: {'
        "warn_after: {count: 10, period: minute}, error_after: {count: 30, period: minute}}}}]}]"
    )
    shop.project.write({"models/freshness.yml": freshness})
    shop.run()
    if "Unhandled command: Source" in shop.dbt("source", "freshness")["log"]:
        pytest.skip("dbt 2.0.0a4 has no such command, and ends as if it had")
    shop.database.execute(
        "update pgtrickle.pgt_stream_tables set last_refresh_at = now() - interval '2 h'"
    )
    shop.dbt("source", "freshness", success=False)


def test_a_wrong_row_is_found(shop: Shop) -> None:
    shop.write(model(TOTALS_QUERY))
    tests = "[stream_table_matches_query]"
    shop.project.write({"models/t.yml": f"models: [{{name: totals, data_tests: {tests}}}]"})
    shop.dbt("build")
    shop.database.execute(
        "set session_replication_role = replica; delete from analytics.totals where largest = 30"
    )
    assert "1 row missing" in shop.dbt("test", success=False)["log"]


def test_a_project_with_the_package_is_told_where_v2_looks_for_macros(
    tmp_path: Path, database: Database
) -> None:
    database.execute(ORDERS)
    files = {"models/sources.yml": SOURCES, "models/totals.sql": model(TOTALS_QUERY)}
    package_project(tmp_path, database, files)
    dbt = dbt_v2("2.0", tmp_path, database)
    dbt("deps")
    said = dbt("run", success=False)["log"]
    assert "[PGT015] dbt v2 looks up the macros of a package in the root project" in said
    [remedy] = re.findall(r"Say in dbt_project.yml: (macro-paths: .*)", said)
    package_project(tmp_path, database, files, **yaml.safe_load(remedy))
    assert dbt("run")["messages"]["totals"] == "CREATED"


def test_empty_builds_an_empty_one(shop: Shop) -> None:
    shop.write(model(TOTALS_QUERY))
    shop.run("--empty")
    assert contents(shop.database) == []
    shop.run()
    assert len(contents(shop.database)) == 3


def test_a_schedule_and_a_mistake_are_read_as_in_dbt_1(shop: Shop) -> None:
    shop.write(model(TOTALS_QUERY, meta={"schedule": "1h30m", "refresh_mode": "AUTO"}))
    shop.run()
    assert stream_table(shop.database)["schedule"] == "1h30m"
    shop.write(model(TOTALS_QUERY, meta={"schedule": "calculated", "tier": "cold"}))
    assert "schedule 1h30m → calculated, tier hot → cold" in shop.run()["messages"]["totals"]
    shop.write(model(TOTALS_QUERY, meta={"schedule": "90 minutes", "shedule": "1h"}))
    assert "[PGT001] totals: schedule is '90 minutes'" in shop.run(success=False)["log"]
