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


def test_where_something_else_is_in_the_way_too_characters_of_a_length_become_text(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    """0.67.0 refuses the average of times first; then FULL says what else it can't have."""
    database.execute(f"{ORDERS}; alter table raw.orders add code char(4) default 'ab'")
    query = (
        "select code, avg(make_interval(days => amount)) as a from {{ source('raw', 'orders') }} "
        "group by code"
    )
    result = dbt_project(FILES | {"models/totals.sql": stream_table_model(query, trial="on")}).dbt(
        "run"
    )
    assert "[PGT069] totals" in result.log
    shown = "select code, extract(epoch from a)::int / 3600 as hours from analytics.totals"
    assert database.query(shown) == [{"code": "ab", "hours": 372}]
