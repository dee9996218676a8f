"""The small project that the materialization's tests build on, and what they look at in the catalog."""

from __future__ import annotations

from typing import Any

from tests.support.postgres import Database

ORDERS = """
create schema raw;
create table raw.orders (id int primary key, region text not null, amount int not null);
insert into raw.orders select i, 'region ' || i % 3, i from generate_series(1, 30) i;
"""
SOURCES = """
sources:
- name: raw
  schema: raw
  tables: [{name: orders}]
"""


def stream_table_model(query: str, **config: Any) -> str:
    """A model's text: config(materialized='stream_table', …) and the query.

    It isn't tried unless trial="on" asks for it, which takes longer than most tests.
    """
    settings = {"materialized": "stream_table", "schedule": "1h", "trial": "off", **config}
    arguments = ", ".join(f"{key}={value!r}" for key, value in settings.items())
    return "{{ config(" + arguments + ") }}\n" + query


TOTALS_QUERY = """
select region, count(*) as orders, max(amount) as largest
from {{ source('raw', 'orders') }}
group by region
"""
FILES = {"models/sources.yml": SOURCES, "models/totals.sql": stream_table_model(TOTALS_QUERY)}
READS_TOTALS = stream_table_model(
    "select orders, count(*) as regions from {{ ref('totals') }} group by orders"
)
IMMEDIATE = stream_table_model(
    "select id, amount from {{ source('raw', 'orders') }}", refresh_mode="IMMEDIATE", schedule=None
)


def stream_table(
    database: Database, name: str = "totals", schema: str = "analytics"
) -> dict[str, Any]:
    """The catalog's row of a stream table, found by its relation."""
    rows = database.query(
        "select * from pgtrickle.pgt_stream_tables where pgt_relid = to_regclass(%s)",
        f"{schema}.{name}",
    )
    assert rows, f"{schema}.{name} is no stream table"
    return rows[0]


def contents(
    database: Database, name: str = "totals", columns: str = "region, orders, largest"
) -> list[Any]:
    """The rows of a stream table, in order, as tuples."""
    rows = database.query(f"select {columns} from analytics.{name} order by 1, 2")
    return [tuple(row.values()) for row in rows]


def refresh(database: Database, name: str = "analytics.totals") -> None:
    """Refresh by hand, so that no test waits for a scheduler."""
    database.query("select pgtrickle.refresh_stream_table(%s)", name)


def follows_its_source(database: Database, name: str = "totals") -> bool:
    """Whether a row written to raw.orders now reaches the stream table with the next refresh."""
    count = f"select coalesce(sum(orders), 0)::int from analytics.{name}"
    before = database.value(count)
    database.execute(
        "insert into raw.orders select coalesce(max(id), 0) + 1, 'region 0', 25 from raw.orders"
    )
    refresh(database, f"analytics.{name}")
    after: int = database.value(count)
    return after == before + 1


def full_refreshes(database: Database) -> int:
    """How many refreshes recomputed everything, as the history has it."""
    return int(
        database.value("select count(*) from pgtrickle.pgt_refresh_history where action = 'FULL'")
    )
