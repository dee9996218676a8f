"""bit(n), of which 0.67.0 makes one bit, is kept as bit varying."""

from __future__ import annotations

from collections.abc import Callable

from tests.materialization.shop import FILES, ORDERS, stream_table, stream_table_model
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database


def test_bits_of_a_length_become_bit_varying_and_it_is_said(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    database.execute(f"{ORDERS}; alter table raw.orders add flags bit(4) default b'0101'")
    query = "select id, flags from {{ source('raw', 'orders') }}"
    result = dbt_project(FILES | {"models/totals.sql": stream_table_model(query, trial="on")}).dbt(
        "run"
    )
    assert "[PGT069] totals" in result.log
    assert stream_table(database)["refresh_mode"] == "DIFFERENTIAL"
    assert database.value("select distinct flags::text from analytics.totals") == "0101"
