"""What only certain changes show, or only many rows."""

from __future__ import annotations

import pytest

from tasklib.catalog.trial import try_query
from tests.lite.test_faults import set_faults
from tests.support.postgres import STAND_IN, Database

PRICES = """
create table prices (
  id int primary key, shop int not null, price numeric(12,2), at timestamp not null);
insert into prices select x, x % 7, x % 9 + 0.5, '2026-01-01'::timestamp + x * interval '1 hour'
from generate_series(1, 60) as x;
"""


def test_a_cast_to_fewer_digits_than_any_row_has_is_tried_with_more(database: Database) -> None:
    database.execute(PRICES)
    if database.extension == STAND_IN:
        set_faults(database, "cast_modifier")
    query = "select id, price::numeric(10,1) as price from public.prices"
    with database.connect() as connection:
        assert try_query(connection, query, "DIFFERENTIAL").outcome == "wrong"


@pytest.mark.parametrize(
    ("query", "outcome"),
    {
        # the second of a partition, which isn't kept, comes up once the first is deleted
        "select * from (select id, shop, at, row_number() over (partition by shop "
        "order by at desc, id desc) as n from public.prices) x where n = 1": "wrong",
        # each refresh compares all rows with all
        "select id, shop from public.prices p where not exists (select 1 from public.prices o "
        "where o.shop = p.shop and o.id > p.id)": "slow",
        "select id, shop from public.prices p where not exists (select 1 from public.prices o "
        "where o.id = p.shop)": "right",
    }.items(),
)
def test_what_0_67_0_loses_or_takes_ever_longer_for_is_told(
    database: Database, query: str, outcome: str
) -> None:
    if database.extension == STAND_IN:
        pytest.skip("faults of the real extension")
    database.execute(PRICES)
    with database.connect() as connection:
        assert try_query(connection, query, "DIFFERENTIAL", seconds=8).outcome == outcome
