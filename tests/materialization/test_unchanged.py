"""What an unchanged stream table costs, and that whatever was changed outside of dbt is seen nevertheless."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.materialization.shop import (
    FILES,
    ORDERS,
    TOTALS_QUERY,
    stream_table,
    stream_table_model,
)
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database

INDEXES = (
    "select relname from pg_index join pg_class on oid = indexrelid "
    "where indrelid = 'analytics.indexed'::regclass and relname ~ '^[0-9a-f]{32}$'"
)
# by what is done to a stream table or what it reads: how, and what the next run says
OUTSIDE = {
    "suspended": (
        "select pgtrickle.alter_stream_table('analytics.suspended', status => 'SUSPENDED')",
        "UNCHANGED",
    ),
    "scheduled": (
        "select pgtrickle.alter_stream_table('analytics.scheduled', schedule => '2h')",
        "ALTERED (schedule 2h → 1h)",
    ),
    "uncaptured": (
        "do $$ declare it text; begin for it in select tgname from pg_trigger "
        "where tgrelid = 'raw.uncaptured'::regclass and tgname like 'pg_trickle_cdc_%' "
        "loop execute format('drop trigger %I on raw.uncaptured', it); end loop; end $$",
        "REBOUND (nothing captures the changes of raw.uncaptured)",
    ),
    "renamed": ("alter table analytics.renamed rename to other", "CREATED"),
    "moved": (
        "create table raw.again (like raw.moved including all); insert into raw.again values (7, 7); "
        "alter table raw.moved rename to old; alter table raw.again rename to moved",
        "REBOUND (a source was replaced by another relation of its name)",
    ),
    "indexed": (
        f"do $$ begin execute (select format('drop index analytics.%I', relname) from ({INDEXES}) as own); end $$",
        "UNCHANGED",
    ),
    "described": ("comment on table analytics.described is 'by hand'", "UNCHANGED"),
    "untouched": ("select 1", "UNCHANGED"),
}
CONFIG = {
    "indexed": {"indexes": [{"columns": ["amount"]}]},
    "described": {"persist_docs": {"relation": True}},
}


def _files() -> dict[str, str]:
    query = "select id, amount from {{ source('raw', '%s') }}"
    models = {
        f"models/{name}.sql": stream_table_model(query % name, **CONFIG.get(name, {}))
        for name in OUTSIDE
    }
    tables = ", ".join(f"{{name: {name}}}" for name in OUTSIDE)
    described = "models: [{name: described, description: by dbt}]"
    return {
        **models,
        "models/sources.yml": f"sources: [{{name: raw, tables: [{tables}]}}]\n{described}\n",
    }


@pytest.fixture
def two(database: Database, dbt_project: Callable[..., DbtProject]) -> DbtProject:
    """Two models, one after the other."""
    database.execute(ORDERS)
    project = dbt_project({**FILES, "models/second.sql": FILES["models/totals.sql"]})
    project.threads = 1
    return project


def test_unchanged_models_cost_no_statement_of_their_own(two: DbtProject) -> None:
    two.dbt("run")
    again = two.dbt("run")
    assert again.messages == {**again.messages, "totals": "UNCHANGED", "second": "UNCHANGED"}
    of_the_run = again.statements("model.shop.second") + again.statements("model.shop.totals")
    assert len(of_the_run) == 2, "whether there is an extension, and how all stream tables are"


def test_a_new_stream_table_is_described_made_and_remembered_in_a_statement_each(
    two: DbtProject,
) -> None:
    first = two.dbt("run")
    # one of the two also asks what is asked once a run
    sent = min((first.statements(f"model.shop.{name}") for name in ("totals", "second")), key=len)
    described, made, remembered, woken = sent
    assert "__dbt_pgtrickle_new" in described, "with what PostgreSQL makes of the query"
    assert "create_stream_table" in made and "comment on column" in remembered
    assert "_signal_launcher_rescan" in woken


def test_a_post_hook_waits_for_locks_as_long_as_it_did(two: DbtProject, database: Database) -> None:
    kept = "create table raw.kept as select current_setting('lock_timeout') as timeout"
    two.write({"models/totals.sql": stream_table_model(TOTALS_QUERY, post_hook=kept)})
    two.dbt("run")
    assert database.value("select timeout from raw.kept") == "0"


@pytest.mark.quick
def test_a_change_outside_of_dbt_is_seen_by_the_next_run(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    database.execute("create schema raw")
    for name in OUTSIDE:
        database.execute(f"create table raw.{name} (id int primary key, amount int)")
    project = dbt_project(_files())
    project.dbt("run")
    assert set(_messages(project.dbt("run").messages).values()) == {"UNCHANGED"}

    for change, _ in OUTSIDE.values():
        database.execute(change)
    seen = project.dbt("run")

    wanted = {name: message for name, (_, message) in OUTSIDE.items()}
    assert {
        name: wanted[name] if message.startswith(wanted[name]) else message
        for name, message in _messages(seen.messages).items()
    } == wanted
    assert "PGT021" in seen.log
    assert stream_table(database, "suspended")["status"] == "SUSPENDED"
    assert database.value("select obj_description('analytics.described'::regclass)") == "by dbt"
    assert database.value(f"select count(*) from ({INDEXES}) as own") == 1
    again = project.dbt("run")
    assert "PGT021" in again.log, "said as long as it is so"
    assert set(_messages(again.messages).values()) == {"UNCHANGED"}


def _messages(messages: dict[str, str]) -> dict[str, str]:
    return {name: message for name, message in messages.items() if name in OUTSIDE}
