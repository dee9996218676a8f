"""The classes of tasklib.catalog.rows are what the queries give."""

from __future__ import annotations

import inspect
import json
import re
from contextlib import closing
from typing import get_type_hints, is_typeddict

import pytest

from tasklib.catalog import rows
from tasklib.catalog.database import connect_to_catalog, has_function
from tasklib.catalog.queries import fetch, query, render
from tasklib.project.manifest import Model, as_json
from tests.checks.shop import Shop
from tests.support.postgres import ROOT
from tests.support.shapes import fits

SHAPES = {
    query(shape): shape
    for _, shape in inspect.getmembers(rows, is_typeddict)
    if shape.__module__ == rows.__name__ and not shape.__doc__
}
# one is built, two are no models, one is a model that isn't built, one is nothing
NAMES = json.dumps(["analytics.totals", "analytics.parts", "analytics.gone", "absent", "nobody"])
MODEL = Model("absent", "model.shop.absent", "analytics", "absent", False, "AUTO", None, None)
COVERED = {"managed": as_json([MODEL]), "everything": True}
# of those that don't come without
ARGUMENTS: dict[str, dict[str, object]] = {
    "pgtrickle__change_buffers": {"call_name": "analytics.totals"},
    "pgtrickle__cdc_health": COVERED,
    "pgtrickle__contents": COVERED | {"names": NAMES},
    "pgtrickle__exchangeable": {
        "relations": json.dumps([{"schema_name": "analytics", "table_name": "totals"}])
    },
    "pgtrickle__freshness": COVERED,
    "pgtrickle__function": {"name": "refresh_stream_table"},
    "pgtrickle__history": COVERED,
    "pgtrickle__lacking_rights": {"schema": "analytics", "immediate": True},
    "pgtrickle__left_behind": {"schemas": ["shop"]},
    "pgtrickle__lineage": COVERED,
    "pgtrickle__named": {"managed": COVERED["managed"], "names": NAMES},
    "pgtrickle__orphans": {"project": "shop", "target": "analytics", "built": "[]"},
    "pgtrickle__pending_question": {"pgt_id": 1},
    "pgtrickle__refresh_plan": {"managed": COVERED["managed"], "names": NAMES},
    "pgtrickle__staleness": COVERED,
    "pgtrickle__status": COVERED,
}
# with no row here, where nothing is in the way
EMPTY = {"pgtrickle__access", "pgtrickle__lacking_rights", "pgtrickle__recommendations"}
# which this extension may lack
NEEDS = {
    "pgtrickle__recovery": "validate_recovery",
    "pgtrickle__recommendations": "recommend_refresh_mode",
}


@pytest.fixture
def full(shop: Shop) -> Shop:
    """A shop in which there is a row of nearly everything."""
    database = shop.database
    shop.create()
    shop.create("select id, amount from shop.orders", "analytics.parts", refresh_mode="FULL")
    shop.create("select orders from analytics.totals", "analytics.lost")
    database.execute("insert into shop.orders values (1000, 'new', 5)")
    database.query("select pgtrickle.refresh_stream_table('analytics.totals')")
    shop.create("select id from shop.orders", "analytics.gone")
    database.execute("drop table analytics.gone")
    database.execute("create view analytics.view as select * from analytics.totals")
    record = json.dumps({"model": "model.shop.lost", "target": "analytics", "project": "shop"})
    database.execute(f"comment on column analytics.lost.__pgt_row_id is '{record}'")
    database.execute("create table analytics.carrier as select * from analytics.totals")
    return shop


def test_each_query_gives_the_columns_of_its_class_and_values_of_their_types(full: Shop) -> None:
    wrong, without_row = [], set()
    with closing(connect_to_catalog(full.project.environment())) as connection:
        contents = next(
            row
            for row in fetch(connection, rows.Contents, names=NAMES)
            if row["subject"] == "analytics.totals"
        )
        for name, shape in SHAPES.items():
            if name in NEEDS and not has_function(connection, NEEDS[name]):
                continue
            arguments = ARGUMENTS.get(name)
            if name == "pgtrickle__comparison_summary":
                # which has its arguments written out
                statement, arguments = render(name, table=contents), None
            else:
                statement = render(name, **{key: f"%({key})s" for key in arguments or ()})
            hints = get_type_hints(shape)
            cursor = connection.execute(statement.encode(), arguments)
            columns = {column.name for column in cursor.description or ()}
            if columns != hints.keys():
                wrong.append(f"{name}: {columns ^ hints.keys()}")
                continue
            found = cursor.fetchall()
            if not found:
                without_row.add(name)
            wrong += [
                f"{name}.{key} is {row[key]!r}, not {hints[key]}"
                for row in found
                for key in hints
                if not fits(row[key], hints[key])
            ]
    assert not wrong
    assert without_row <= EMPTY


def test_whatever_a_task_fetches_is_one_of_them() -> None:
    text = "".join(path.read_text() for path in (ROOT / "tasklib").rglob("*.py"))
    fetched = set(re.findall(r"\bfetch\(\s*[\w.]+,\s*(?:rows\.)?([A-Z]\w+)", text))
    assert fetched <= {shape.__name__ for shape in SHAPES.values()}
    assert len(fetched) > 20
