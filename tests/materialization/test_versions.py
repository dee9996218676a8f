"""What is sent to each version of pg_trickle: only what it has, and every setting that it takes.

versions.json: the arguments of pg_trickle's lifecycle functions, by the version that changed them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.materialization.shop import FILES, ORDERS, stream_table, stream_table_model
from tests.support.dbt_project import DbtProject, make_project
from tests.support.postgres import Database, Server

VERSIONS: dict[str, dict[str, list[str]]] = json.loads(
    Path(__file__).with_name("versions.json").read_text()
)
EVERYTHING: dict[str, Any] = {
    "schedule": "5m", "refresh_mode": "FULL", "initialize": True, "status": "PAUSED",
    "cdc_mode": "trigger", "diamond_consistency": "none", "diamond_schedule_policy": "slowest",
    "append_only": True, "pooler_compatibility_mode": True, "tier": "cold", "fuse": "auto",
    "fuse_ceiling": 10, "fuse_sensitivity": 2, "max_differential_joins": 3,
    "max_delta_fraction": 0.5, "post_refresh_action": "analyze", "reindex_drift_threshold": 0.5,
    "partition_by": "region", "temporal": True, "storage_backend": "citus",
    "output_distribution_column": "region", "fillfactor": 70,
}  # fmt: skip
CONFIGS = {
    "nothing": {},
    "everything": EVERYTHING,
    "auto": {"refresh_mode": "AUTO"},
    "freshness": {"target_freshness": "30s", "refresh_mode": "AUTO"},
}
EMIT = Path(__file__).with_name("emit_calls.sql").read_text()
TOKEN = re.compile(
    r"(?P<text>'(?:[^']|'')*'|(?P<tag>\$\w*\$).*?(?P=tag))|(?P<call>\bpgtrickle\.\w+\()"
    r"|(?P<argument>\b\w+(?= =>))|(?P<open>\()|(?P<close>\))",
    re.S,
)


@dataclass
class Call:
    """A call of one of the extension's functions as it stands in SQL."""

    function: str
    arguments: list[str]


def calls(sql: str) -> Iterator[Call]:
    """The calls in a DO statement, texts skipped."""
    body = sql[sql.index("$") :]
    tag = body[: body.index("$", 1) + 1]
    body = body[len(tag) : body.rindex(tag)]
    stack: list[Call | None] = []
    for token in TOKEN.finditer(body):
        kind, text = token.lastgroup, token.group()
        if token.group("text"):
            continue
        if kind == "call":
            stack.append(Call(text[len("pgtrickle.") : -1], []))
        elif kind == "open":
            stack.append(None)
        elif kind == "close":
            ended = stack.pop()
            if ended:
                yield ended
        elif kind == "argument" and stack and stack[-1]:
            stack[-1].arguments.append(text)


@pytest.fixture(scope="module")
def emitted(
    server: Server, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[dict[str, Any]]]:
    """By version: every statement that the macros make for it."""
    nowhere = Database({**server.params, "dbname": "postgres"}, server.extension)
    project = make_project(
        tmp_path_factory.mktemp("versions"), nowhere, {"macros/emit_calls.sql": EMIT}
    )
    arguments = json.dumps({"versions": VERSIONS, "configs": CONFIGS})
    log = project.dbt("run-operation", "emit_calls", "--args", arguments).log
    answers = [
        json.loads(line.removeprefix("EMIT "))
        for line in log.splitlines()
        if line.startswith("EMIT ")
    ]
    return {answer["version"]: answer["statements"] for answer in answers}


def test_the_scanner_sees_calls_and_not_texts() -> None:
    sql = (
        "do $pgt1$ perform pgtrickle.a(name => 'x => y(', query => $pgt0$ pgtrickle.c(z => 1)"
        " $pgt0$, n => (1)); perform pgtrickle.b() $pgt1$"
    )
    assert list(calls(sql)) == [Call("a", ["name", "query", "n"]), Call("b", [])]


@pytest.mark.parametrize("version", VERSIONS)
def test_only_functions_and_arguments_that_the_version_has(
    emitted: dict[str, list[dict[str, Any]]], version: str
) -> None:
    known = VERSIONS[version]
    seen = 0
    for statement in emitted[version]:
        for call in calls(statement["sql"]) if "sql" in statement else ():
            assert call.function in known, statement
            assert set(call.arguments) <= set(known[call.function]), statement
            assert len(call.arguments) == len(set(call.arguments))
            seen += 1
    assert seen > 20


@pytest.mark.parametrize("version", VERSIONS)
def test_every_setting_is_sent_or_named_as_left_out(
    emitted: dict[str, list[dict[str, Any]]], version: str
) -> None:
    known = {*VERSIONS[version]["create_stream_table"], *VERSIONS[version]["alter_stream_table"]}
    for label, config in CONFIGS.items():
        mine = [statement for statement in emitted[version] if statement["config"] == label]
        [creation] = [statement for statement in mine if statement["action"] == "create"]
        sent = {argument for call in calls(creation["sql"]) for argument in call.arguments}
        [left_out] = [
            statement["keys"] for statement in mine if statement["action"] == "unsupported"
        ]
        assert {"name", "query", "refresh_mode"} <= sent
        assert sent >= set(config) & known
        assert set(left_out) == set(config) - known


# before a query could be altered, before cdc_mode's company came, and half of today's
@pytest.mark.parametrize("version", ["0.1.3", "0.10.0", "0.33.0"])
def test_a_project_runs_where_the_functions_have_that_versions_arguments(
    version: str, database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    if database.extension != "pg_trickle_lite":
        pytest.skip(
            "takes the stand-in's functions apart; the real one's can't be older than they are"
        )
    database.execute(ORDERS)
    for name in ("create_stream_table", "alter_stream_table"):
        make_older(database, name, VERSIONS[version][name])
    query = "select region, count(*) as orders from {{ source('raw', 'orders') }} group by region"
    project = dbt_project(FILES)
    project.write({"models/totals.sql": stream_table_model(query, diamond_consistency="none")})
    assert project.dbt("run").messages["totals"] == "CREATED"
    assert stream_table(database)["diamond_consistency"] == "none"
    assert project.dbt("run").messages["totals"] == "UNCHANGED"
    changed = query.replace("group by", "where amount > 5 group by")
    project.write(
        {
            "models/totals.sql": stream_table_model(
                changed, schedule="2h", diamond_consistency="none"
            )
        }
    )
    assert "query changed" in project.dbt("run").messages["totals"]
    assert database.value("select sum(orders) from analytics.totals") == 25
    assert (stream_table(database)["status"], stream_table(database)["schedule"]) == (
        "ACTIVE",
        "2h",
    )


def make_older(database: Database, name: str, arguments: list[str]) -> None:
    """Put a function with only these arguments in the place of the stand-in's."""
    [found] = database.query(
        "select oid::regprocedure::text as signature, pg_get_function_arguments(oid) as parameters"
        " from pg_proc where pronamespace = 'pgtrickle'::regnamespace and proname = %s",
        name,
    )
    parameters = [p for p in found["parameters"].split(", ") if p.split()[0] in arguments]
    passed = ", ".join(f"{argument} => {name}.{argument}" for argument in arguments)
    database.execute(
        f"alter function {found['signature']} rename to {name}_as_installed;"
        f"create function pgtrickle.{name}({', '.join(parameters)}) returns void"
        f" language plpgsql as $$ begin perform pgtrickle.{name}_as_installed({passed}); end $$"
    )
