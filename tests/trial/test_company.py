"""A trial takes place in company too, where the extension overlooks a column of the query."""

from __future__ import annotations

import json

import pytest

from tasklib.catalog.queries import render
from tests.lite.test_faults import TABLES
from tests.support.postgres import Database

VIEWED = "create view seen as select id, g, coalesce(v, 0) as v from o"


@pytest.mark.quick
@pytest.mark.parametrize(
    ("query", "known", "overlooks"),
    [
        ("select g, sum(v) as s from public.o group by g", "{id,g,v}", False),
        ("select g, sum(v) as s from public.o group by g", None, False),
        ("select g, sum(v) as s from public.o group by g", "{id,g}", True),
        ("select g, sum(v) as s from public.seen group by g", "{id,g}", True),
        ("select g, count(*) as n from public.o where v > 1 group by g", "{id,g}", True),
    ],
)
def test_a_column_that_the_extension_does_not_know_of_is_noticed(
    database: Database, query: str, known: str | None, overlooks: bool
) -> None:
    database.execute(f"{TABLES}; {VIEWED}")
    with database.connect() as connection:
        connection.execute(render("pgtrickle__trial_functions").encode())
        connection.execute(
            "select pgtrickle.create_stream_table('public.st', %s, '1d', 'DIFFERENTIAL')", [query]
        )
        connection.execute("update pgtrickle.pgt_dependencies set columns_used = %s", [known])
        sources = connection.execute(
            "select pg_temp.dbt_pgtrickle_trial_sources(%s, 'pg_catalog', '{}') as described",
            [query],
        ).fetchone()
        assert sources
        described = sources["described"] | {"subject": "public.st"}
        for relation in described["relations"]:
            # no copies here: what is read stands for them
            relation["copy"] = relation["name"]
        row = connection.execute(
            "select pg_temp.dbt_pgtrickle_trial_overlooks(%s) as found", [json.dumps(described)]
        ).fetchone()
        left = connection.execute("select to_regclass('pg_temp.__dbt_pgtrickle_given') as it")
        assert row == {"found": overlooks}
        assert left.fetchone() == {"it": None}


@pytest.mark.quick
def test_company_is_a_stream_table_of_all_columns_of_each_table_with_a_key(
    database: Database,
) -> None:
    database.execute(f"{TABLES}; create table keyless (v int); create schema beside")
    relations = [
        {"target": f"public.{name}", "keys": keys, "columns": [{"name": c} for c in columns]}
        for name, keys, columns in [
            ("o", [["id"]], ["id", "g", "v", "amt"]),
            ("keyless", [], ["v"]),
        ]
    ]
    described = {"relations": relations, "mode": "DIFFERENTIAL", "path": "pg_catalog"}
    with database.connect() as connection:
        connection.execute(render("pgtrickle__trial_functions").encode())
        connection.execute(
            "select pg_temp.dbt_pgtrickle_trial_company(%s, 'beside')", [json.dumps(described)]
        )
    [made] = database.query("select pgt_schema, defining_query from pgtrickle.pgt_stream_tables")
    assert made == {"pgt_schema": "beside", "defining_query": "select id, g, v, amt from public.o"}
