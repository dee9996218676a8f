"""What dbt promises for every materialization: hooks, grants, docs, indexes, contracts, target/run."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.materialization.shop import (
    FILES,
    ORDERS,
    TOTALS_QUERY,
    contents,
    stream_table,
    stream_table_model,
)
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database

PROPERTIES = """
models:
- name: totals
  description: Orders by region
  columns:
  - {name: region, data_type: text, description: Where}
  - {name: orders, data_type: bigint, description: How many}
  - {name: largest, data_type: integer}
"""


@pytest.fixture
def project(database: Database, dbt_project: Callable[..., DbtProject]) -> DbtProject:
    database.execute(ORDERS)
    return dbt_project({**FILES, "models/properties.yml": PROPERTIES})


def model(project: DbtProject, config: str, query: str = TOTALS_QUERY) -> None:
    project.write(
        {
            "models/totals.sql": f"{{{{ config(materialized='stream_table', schedule='1h', {config}) }}}}\n{query}"
        }
    )


def test_hooks_run_inside_and_outside_of_the_transaction_on_every_path(
    project: DbtProject, database: Database
) -> None:
    database.execute("create table public.trace (hook text, xid xid8 default pg_current_xact_id())")
    insert = "insert into public.trace (hook) values"
    model(
        project,
        f"pre_hook=[before_begin(\"{insert} ('before')\"), \"{insert} ('pre')\"],"
        f"post_hook=[\"{insert} ('post')\", after_commit(\"{insert} ('after')\")]",
    )
    for path in ("created", "unchanged"):
        database.execute("truncate public.trace")
        project.dbt("run")
        trace = {row["hook"]: row["xid"] for row in database.query("select * from public.trace")}
        assert set(trace) == {"before", "pre", "post", "after"}, path
        assert trace["pre"] == trace["post"], path
        assert len({trace["before"], trace["pre"], trace["after"]}) == 3, path


def test_target_run_shows_the_ddl(project: DbtProject) -> None:
    project.dbt("run")
    written = (project.root / "target/run/shop/models/totals.sql").read_text()
    assert "pgtrickle.create_stream_table(name => 'analytics.totals'" in written
    assert "max(amount) as largest" in written


def test_grants_follow_the_config_also_when_revoked_and_nothing_else_changed(
    project: DbtProject, database: Database
) -> None:
    may = "select has_table_privilege('pg_monitor', 'analytics.totals', 'select')"
    model(project, "grants={'select': ['pg_monitor']}")
    project.dbt("run")
    assert database.value(may)
    model(project, "grants={'select': []}")
    assert project.dbt("run").messages["totals"] == "UNCHANGED"
    assert not database.value(may)


def test_docs_are_persisted_on_the_unchanged_path_too_and_not_written_again(
    project: DbtProject, database: Database
) -> None:
    model(project, "persist_docs={'relation': true, 'columns': true}")
    comment = "select obj_description('analytics.totals'::regclass)"
    column = "select col_description(attrelid, attnum) from pg_attribute where attrelid = 'analytics.totals'::regclass and attname = 'orders'"
    project.dbt("run")
    assert (database.value(comment), database.value(column)) == ("Orders by region", "How many")
    project.write({"models/properties.yml": PROPERTIES.replace("How many", "Count")})
    assert project.dbt("run").messages["totals"] == "UNCHANGED"
    assert database.value(column) == "Count"
    result = project.dbt("run")
    assert not [s for s in result.statements("model.shop.totals") if "comment on" in s.lower()]


def test_indexes_are_made_once_and_dropped_when_the_config_drops_them(
    project: DbtProject, database: Database
) -> None:
    query = (
        "select indexname from pg_indexes where schemaname = 'analytics' and tablename = 'totals'"
    )
    model(project, "indexes=[]")
    project.dbt("run")
    own = {row["indexname"] for row in database.query(query)}
    model(
        project,
        "indexes=[{'columns': ['orders']}, {'columns': ['largest', 'orders'], 'type': 'btree'}]",
    )
    for _ in range(3):
        project.dbt("run")
        assert len(database.query(query)) == len(own) + 2
    model(project, "indexes=[{'columns': ['orders']}]")
    project.dbt("run")
    assert len(database.query(query)) == len(own) + 1
    assert own <= {row["indexname"] for row in database.query(query)}, (
        "pg_trickle's own are left alone"
    )


def test_indexes_are_there_after_a_replacement(project: DbtProject, database: Database) -> None:
    query = (
        "select count(*) from pg_indexes where tablename = 'totals' and indexdef like '%%(orders)'"
    )
    model(project, "indexes=[{'columns': ['orders']}]")
    project.dbt("run")
    model(
        project,
        "indexes=[{'columns': ['orders']}]",
        TOTALS_QUERY.replace("max(amount)", "min(amount) as s, max(amount)"),
    )
    assert project.dbt("run").messages["totals"].startswith("REPLACED")
    assert database.value(query) == 1


def test_an_enforced_contract_fails_on_other_columns_and_changes_nothing(
    project: DbtProject, database: Database
) -> None:
    model(project, "contract={'enforced': true}")
    project.dbt("run")
    before = stream_table(database)
    model(
        project,
        "contract={'enforced': true}",
        TOTALS_QUERY.replace("max(amount)", "max(amount)::text"),
    )
    result = project.dbt("run", check=False)
    assert not result.success
    assert "contract" in result.log
    assert stream_table(database) == before


def test_an_enforced_contract_is_checked_when_nothing_changed_too(project: DbtProject) -> None:
    project.dbt("run")
    model(project, "contract={'enforced': true}")
    project.write({"models/properties.yml": PROPERTIES.replace("bigint", "text")})
    assert not project.dbt("run", check=False).success


def test_constraints_of_a_contract_are_named_as_not_enforced(project: DbtProject) -> None:
    model(project, "contract={'enforced': true}")
    project.write(
        {
            "models/properties.yml": PROPERTIES.replace(
                "data_type: text", "data_type: text, constraints: [{type: not_null}]"
            )
        }
    )
    assert "PGT040" in project.dbt("run").log


@pytest.mark.parametrize(
    "query",
    [
        "select id, 'a''b' as t from {{ source('raw', 'orders') }} -- the end",
        "select id, 'x;y' as t from {{ source('raw', 'orders') }} ; \n -- c\n /* d */ ;",
        "select id, $$it's $pgt0$ here$$ as t from {{ source('raw', 'orders') }}",
        "select id, $pgt0$one$pgt0$ || $pgt1$two$pgt1$ || $a$--$a$ as t from {{ source('raw', 'orders') }}",
        "select id, {% raw %}'{{ not jinja }} {% nor this %}'{% endraw %} as t from {{ source('raw', 'orders') }}",
        "select id, 'Grüße 東京 🦆 %s %(x)s' as t from {{ source('raw', 'orders') }}",
        "select id, E'tab\\\\t \\\\' -- quote' as t from {{ source('raw', 'orders') }} /* /* nested */ -- */",
        "select id, 'C:\\\\dir' as t from {{ source('raw', 'orders') }}",
        "select id, 'a\n\n  \nb' as t from {{ source('raw', 'orders') }}",
    ],
    ids=[
        "comment",
        "semicolons",
        "dollar",
        "tags",
        "raw",
        "non-ASCII",
        "escapes",
        "backslash",
        "blank lines",
    ],
)
def test_the_query_arrives_unharmed(project: DbtProject, database: Database, query: str) -> None:
    query = query.replace("\\\\", "\\")
    # FULL: 0.67.0 writes its differential form with quotes in literals unescaped, which the materialization notices
    model(project, "refresh_mode='FULL'", query)
    project.dbt("run")
    compiled = (
        (project.root / "target/compiled/shop/models/totals.sql").read_text().strip().rstrip("; \n")
    )
    wanted = database.query(f"select distinct t from ({compiled.split(' ; ')[0]}\n) q")
    assert database.query("select distinct t from analytics.totals") == wanted
    assert project.dbt("run").messages["totals"] == "UNCHANGED"


def test_a_query_of_100_kb_arrives_unharmed(project: DbtProject, database: Database) -> None:
    branches = "\n".join(f"when amount = {i} then 'case number {i} of many'" for i in range(2500))
    query = f"select id, case {branches} end as t from {{{{ source('raw', 'orders') }}}}"
    assert len(query) > 100_000
    model(project, "refresh_mode='FULL'", query)
    project.dbt("run")
    assert database.value("select t from analytics.totals where id = 7") == "case number 7 of many"
    assert project.dbt("run").messages["totals"] == "UNCHANGED"


@pytest.mark.parametrize("name", ["Upper", "with space", "a.b", "quo'te"])
def test_a_name_that_pg_trickle_cant_take_fails_before_anything_is_sent(
    project: DbtProject, database: Database, name: str
) -> None:
    project.write({"models/totals.sql": stream_table_model(TOTALS_QUERY, alias=name)})
    result = project.dbt("run", check=False)
    assert "PGT005" in result.log
    assert "alias" in result.log
    assert database.value("select count(*) from pgtrickle.pgt_stream_tables") == 0


def test_a_name_over_63_bytes_fails_before_anything_is_sent(
    project: DbtProject, database: Database
) -> None:
    project.write({"models/totals.sql": stream_table_model(TOTALS_QUERY, alias="x" * 64)})
    assert "longer than 63" in project.dbt("run", check=False).log
    assert database.value("select count(*) from pgtrickle.pgt_stream_tables") == 0


def test_schema_alias_and_upstreams_names_are_found_by_ref(
    project: DbtProject, database: Database
) -> None:
    project.write(
        {
            "models/totals.sql": stream_table_model(
                TOTALS_QUERY, stream_table_name="by_region", stream_table_schema="marts"
            ),
            "models/top.sql": stream_table_model(
                "select region, orders from {{ ref('totals') }}", schema="extra", alias="best"
            ),
        }
    )
    for _ in range(2):
        project.dbt("run")
        assert stream_table(database, "by_region", "marts")["status"] == "ACTIVE"
        assert stream_table(database, "best", "analytics_extra")["status"] == "ACTIVE"


def test_a_custom_generate_schema_name_is_followed(project: DbtProject, database: Database) -> None:
    project.write(
        {
            "macros/generate_schema_name.sql": "{% macro generate_schema_name(custom_schema_name, node) %}{{ custom_schema_name or 'plain' }}{% endmacro %}",
            "models/totals.sql": stream_table_model(TOTALS_QUERY, schema="own"),
        }
    )
    project.dbt("run")
    assert stream_table(database, "totals", "own")["status"] == "ACTIVE"
    assert project.dbt("run").messages["totals"] == "UNCHANGED"


def test_docs_generate_leaves_the_hidden_columns_out(project: DbtProject) -> None:
    project.dbt("run")
    project.dbt("docs", "generate")
    catalog = (project.root / "target/catalog.json").read_text()
    assert '"largest"' in catalog
    assert "__pgt_" not in catalog


def test_empty_makes_an_empty_stream_table(project: DbtProject, database: Database) -> None:
    project.dbt("run", "--empty")
    assert contents(database) == []
    project.dbt("run")
    assert len(contents(database)) == 3


def test_empty_with_an_aliased_source_says_whose_fault_that_is_and_the_ways_out_work(
    project: DbtProject, database: Database
) -> None:
    aliased = TOTALS_QUERY.replace("}}\ngroup", "}} as o\ngroup")
    project.write({"models/totals.sql": stream_table_model(aliased)})
    log = project.dbt("run", "--empty", check=False).log
    assert "[PGT020] totals: PostgreSQL refuses the query" in log
    assert "dbt's --empty writes a name of its own behind each ref() and source()" in log
    project.dbt("run")
    assert len(contents(database)) == 3
    cte = "with o as (select * from {{ source('raw', 'orders') }})\n" + TOTALS_QUERY.replace(
        "{{ source('raw', 'orders') }}", "o as p"
    )
    project.write({"models/totals.sql": stream_table_model(cte)})
    project.dbt("run", "--empty", "--full-refresh")
    assert contents(database) == []
