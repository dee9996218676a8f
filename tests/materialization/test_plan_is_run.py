"""What the plan says of a model is what `dbt run` then does with it: through every guard that there is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.materialization.shop import SOURCES, TOTALS_QUERY, stream_table, stream_table_model
from tests.support.dbt_project import DbtProject
from tests.support.postgres import ROOT, Database

# the session's search_path and time zone are others than the scheduler's
SESSION = {"PGOPTIONS": "-c search_path=raw,public -c timezone=Asia/Tokyo"}
TABLES = """
create schema raw;
create table raw.orders (id int primary key, region text not null, amount int not null, at timestamptz default now());
create table raw.keyless (region text, amount int);
insert into raw.orders select i, 'region ' || i % 3, i from generate_series(1, 30) i;
create materialized view raw.copied as select id, amount from raw.orders;
create table raw.parted (id int primary key) partition by range (id);
"""
ORDERS = "{{ source('raw', 'orders') }}"
FROM_ORDERS = f"select id, amount from {ORDERS}"
WIDER = TOTALS_QUERY.replace("count(*) as orders", "count(*) as orders, min(amount) as least")
CONTRACT = """
models:
- {name: pgt040, columns: [{name: id, data_type: int, constraints: [{type: not_null}]}, {name: amount, data_type: int}]}
- {name: pgt041, columns: [{name: id, data_type: text}, {name: amount, data_type: int}]}
"""
# of models that aren't there yet, by the code that is said of each; what is no code has none
NEW = {
    "pgt001": stream_table_model(FROM_ORDERS, schedule="often"),
    "pgt002": stream_table_model(FROM_ORDERS, refresh_mode="SOMETIMES"),
    "pgt003": stream_table_model(FROM_ORDERS, target_freshness="1m"),
    "pgt004": stream_table_model(FROM_ORDERS, refreshmode="FULL"),
    "pgt005": stream_table_model(FROM_ORDERS, alias="It is"),
    "pgt008": stream_table_model(FROM_ORDERS, initialize=False),
    "reader": stream_table_model("select id from {{ ref('pgt008') }}"),
    "pgt017": stream_table_model(
        "select id, amount from {{ source('raw', 'copied') }}", refresh_mode="FULL"
    ),
    "pgt018": stream_table_model("select id from {{ source('raw', 'parted') }}"),
    "pgt020": stream_table_model(f"select id, amuont from {ORDERS}"),
    "pgt023": stream_table_model("select id, amount from {{ ref('made_anew') }}"),
    "pgt024": stream_table_model(
        "select region from raw.keyless", refresh_mode="IMMEDIATE", schedule=None
    )
    + "-- {{ source('raw', 'keyless') }}",
    "pgt025": stream_table_model("select sum(amount) as n from {{ ref('keyless_rows') }}"),
    "pgt026": stream_table_model("select __pgt_row_id from {{ ref('totals') }}"),
    "pgt028": stream_table_model("select count(*) as n from orders"),
    "pgt029": stream_table_model(f"select id, at::date as day from {ORDERS}"),
    "pgt040": stream_table_model(FROM_ORDERS, contract={"enforced": True}),
    "pgt041": stream_table_model(FROM_ORDERS, contract={"enforced": True}),
    "pgt060": stream_table_model("select id, amount from raw.copied", trial="on"),
    "pgt062": stream_table_model("select id, amount from raw.copied", trial="on", on_unsafe="fail"),
    "right": stream_table_model(FROM_ORDERS, trial="on"),
}
BUILT_BEFORE = {
    "models/sources.yml": SOURCES.replace(
        "{name: orders}", "{name: orders}, {name: keyless}, {name: copied}, {name: parted}"
    ),
    "models/totals.sql": stream_table_model(TOTALS_QUERY),
    "models/made_anew.sql": f"{{{{ config(materialized='table') }}}} {FROM_ORDERS}",
    "models/keyless_rows.sql": stream_table_model(
        "select region, amount from {{ source('raw', 'keyless') }} where amount > 0"
    ),
}
# of stream tables that are there: {name: (before, after)}
CHANGED = {
    "pgt021": (stream_table_model(FROM_ORDERS),) * 2,
    "pgt030_continue": (
        stream_table_model(FROM_ORDERS),
        stream_table_model(FROM_ORDERS, schedule="5m", on_configuration_change="continue"),
    ),
    "pgt030_fail": (
        stream_table_model(FROM_ORDERS),
        stream_table_model(FROM_ORDERS, schedule="5m", on_configuration_change="fail"),
    ),
    "pgt031_fail": (stream_table_model(TOTALS_QUERY), stream_table_model(WIDER, on_replace="fail")),
    "pgt031_warn": (stream_table_model(TOTALS_QUERY), stream_table_model(WIDER, on_replace="warn")),
    "pgt032_fail": (
        stream_table_model(TOTALS_QUERY),
        stream_table_model(WIDER, on_dependents="fail"),
    ),
    "pgt032_warn": (stream_table_model(TOTALS_QUERY), stream_table_model(WIDER)),
    "query": (
        stream_table_model(FROM_ORDERS),
        stream_table_model(FROM_ORDERS + " where amount > 3"),
    ),
    "setting": (stream_table_model(FROM_ORDERS), stream_table_model(FROM_ORDERS, schedule="5m")),
    "unchanged": (stream_table_model(TOTALS_QUERY),) * 2,
}
# What each guard needs that a plan can't look at, or that another test compares: why.
ELSEWHERE = {
    "PGT006": "an older pg_trickle: test_newer_versions.py",
    "PGT007": "no setting of 0.67.0 is one that can't be undone: test_versions.py",
    "PGT009": "macros as a package: tests/package",
    "PGT010": "no extension: the plan fails as a whole, as a run does",
    "PGT011": "no right to the catalog: the plan fails as a whole, as a run does",
    "PGT012": "test_renamed.py",
    "PGT013": "test_privileges.py",
    "PGT014": "test_privileges.py",
    "PGT015": "dbt v2: tests/package",
    "PGT016": "a read replica: the plan fails as a whole, as a run does",
    "PGT022": "what became of AUTO, seen afterwards",
    "PGT027": "what another materialization finds in its place",
    "PGT033": "what didn't come back, seen afterwards",
    "PGT034": "what didn't come back, seen afterwards",
    "PGT050": "what a run left, seen afterwards",
    "PGT061": "as PGT060, by the same macro",
    "PGT063": "as PGT062, by the same macro",
    "PGT064": "as PGT062, by the same macro",
    "PGT065": "as PGT060, by the same macro",
    "PGT066": "as PGT060, by the same macro",
    "PGT067": "of the server, at the end of a run",
    "PGT068": "of the server, at the end of a run",
    "PGT069": "as PGT060; tests/trust",
}
DID = {
    "create": "CREATED", "unchanged": "UNCHANGED", "alter": "ALTERED", "alter_query": "ALTERED",
    "replace": "REPLACED", "rebind": "RE", "refresh": "REFRESHED", "refused": "",
}  # fmt: skip
Say = Mapping[str, tuple[bool, set[str]]]


@pytest.fixture
def project(database: Database, dbt_project: Callable[..., DbtProject]) -> DbtProject:
    database.execute(TABLES)
    return dbt_project(BUILT_BEFORE)


def plan(project: DbtProject) -> dict[str, dict[str, Any]]:
    """The plan's row of each stream-table model."""
    arguments = json.dumps({"as_json": True})
    result = project.dbt("run-operation", "pgtrickle_plan", "--args", arguments, env=SESSION)
    line = next(line for line in result.log.splitlines() if line.startswith("pgtrickle_plan "))
    rows = json.loads(line.removeprefix("pgtrickle_plan "))["results"]
    return {row["unique_id"].split(".")[-1]: row for row in rows}


def said(row: Mapping[str, Any]) -> set[str]:
    """The codes of a row of the plan."""
    return {one["code"] for one in [*row["warnings"], *filter(None, [row["refusal"]])]}


def compare(project: DbtProject) -> dict[str, dict[str, Any]]:
    """Plan, then run; they have to say and do the same of each model."""
    planned = plan(project)
    done = project.dbt("run", check=False, env=SESSION)
    codes: dict[str, set[str]] = {name: set() for name in planned}
    for code, name in re.findall(r"\[(PGT\d+)\] (\w+):", done.log):
        codes[name].add(code)
    told = {name: (row["action"] == "refused", said(row)) for name, row in planned.items()}
    was = {name: (done.nodes[name] == "error", codes[name]) for name in planned}
    assert told == was
    for name, row in planned.items():
        if row["action"] not in ("refused", "unknown"):
            assert done.messages[name].startswith(DID[row["action"]]), (row, done.messages[name])
    return planned


def test_of_what_is_not_there_yet(project: DbtProject) -> None:
    project.dbt("run")
    names = {f"models/{name}.sql": text for name, text in NEW.items()}
    project.write({**names, "models/contract.yml": CONTRACT})
    planned = compare(project)
    wrong = {name: said(planned[name]) for name in NEW if name.startswith("pgt")}
    assert wrong == {name: {name.upper()} for name in wrong}
    assert planned["right"]["action"] == "create"


def test_of_what_is_there_and_changes(project: DbtProject, database: Database) -> None:
    project.write({f"models/{name}.sql": before for name, (before, _) in CHANGED.items()})
    project.write(
        {
            "models/part.sql": f"{{{{ config(materialized='view') }}}} {FROM_ORDERS}",
            "models/on_view.sql": stream_table_model("select id from {{ ref('part') }}"),
            "models/on_view_of_table.sql": stream_table_model("select id from {{ ref('seen') }}"),
            "models/seen.sql": "{{ config(materialized='view') }} select id from {{ ref('made_anew') }}",
        }
    )
    project.dbt("run", env=SESSION)
    for name in ("pgt032_fail", "pgt032_warn"):
        database.execute(f"create view analytics.of_{name} as select region from analytics.{name}")
    database.query("select pgtrickle.alter_stream_table('analytics.pgt021', status => 'SUSPENDED')")
    project.write({f"models/{name}.sql": after for name, (_, after) in CHANGED.items()})
    # other columns: it is dropped, and made again
    project.write(
        {
            "models/part.sql": f"{{{{ config(materialized='view') }}}} select amount, id from {ORDERS}"
        }
    )
    planned = compare(project)
    wrong = {name: said(planned[name]) for name in CHANGED if name.startswith("pgt")}
    assert wrong == {name: {name.split("_")[0].upper()} for name in wrong}
    assert planned["on_view"]["why"] == "the view part changes in this run"
    assert planned["on_view_of_table"]["action"] == "rebind"
    assert stream_table(database, "on_view")["status"] == "ACTIVE"


def test_where_a_parent_is_not_built_yet_it_says_so(project: DbtProject) -> None:
    project.write({"models/next.sql": stream_table_model("select * from {{ ref('totals') }}")})
    planned = plan(project)
    assert planned["totals"]["action"] == "create"
    assert planned["next"]["action"] == "unknown"
    assert planned["next"]["why"] == "what it reads is not built yet: analytics.totals"


def test_every_code_is_compared_or_has_a_reason_why_not() -> None:
    texts = [path.read_text() for path in Path(ROOT / "macros").rglob("*.sql")]
    codes = {code for text in texts for code in re.findall(r"'(PGT0[0-7]\d)'", text)}
    compared = {name.split("_")[0].upper() for name in [*NEW, *CHANGED] if name.startswith("pgt")}
    assert codes - compared - ELSEWHERE.keys() - {"PGT031"} == set()
    assert not compared & ELSEWHERE.keys()
