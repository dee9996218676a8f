"""A projection whose key pg_trickle 0.67.0 mistakes, which it then keeps wrong without a sign: PGT026."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.materialization.shop import SOURCES, stream_table_model
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database

USERS = "create schema raw; create table raw.orders (id int primary key, email text, n int)"
FROM = " from {{ source('raw', 'orders') }}"
STAGED = " from {{ ref('staging') }}"
IN_ORDER = "select id, email, n" + FROM


@pytest.mark.parametrize(
    ("staging", "query"),
    [
        (IN_ORDER, "select id, email" + FROM),
        (IN_ORDER, "select id, upper(email) as email, n" + FROM),
        (IN_ORDER, "select email, id" + FROM + " where n > 0"),
        (IN_ORDER, "select email, count(*) as users" + FROM + " group by email"),
        (IN_ORDER, "select id, n" + STAGED),
        ("select id as user_id, email as mail, n" + FROM, "select user_id, mail, n" + STAGED),
        (IN_ORDER, "select s.email, o.id" + STAGED + " s join {{ source('raw', 'orders') }} o on s.id = o.id"),
    ],
)  # fmt: skip
def test_the_tables_order_isnt_warned_of(
    database: Database, dbt_project: Callable[..., DbtProject], staging: str, query: str
) -> None:
    log = _project(database, dbt_project, staging, query).dbt("run").log
    assert "PGT026" not in log


@pytest.mark.parametrize(
    ("staging", "query"),
    [
        (IN_ORDER, "select email, id" + FROM),
        (IN_ORDER, "select email" + FROM),
        (IN_ORDER, "select id + 0 as id, email" + FROM),
        (IN_ORDER, "select n, email, id" + STAGED),
        ("select email, n, id" + FROM, "select id, email" + STAGED),
        ("select email as id, id as user_id" + FROM, "select id, user_id" + STAGED),
    ],
)
def test_another_order_or_no_key_is_warned_of_when_it_is_deployed(
    database: Database, dbt_project: Callable[..., DbtProject], staging: str, query: str
) -> None:
    project = _project(database, dbt_project, staging, IN_ORDER)
    assert "PGT026" not in project.dbt("run").log
    project.write({"models/users.sql": stream_table_model(query)})
    log = project.dbt("run").log
    assert "[PGT026] users: it takes columns of raw.orders in another order" in log
    assert "without its key (id)" in log
    project.write({"models/users.sql": stream_table_model(query, refresh_mode="FULL")})
    assert "PGT026" not in project.dbt("run", "--full-refresh").log


def _project(
    database: Database, dbt_project: Callable[..., DbtProject], staging: str, query: str
) -> DbtProject:
    database.execute(USERS)
    return dbt_project(
        {
            "models/sources.yml": SOURCES,
            "models/staging.sql": staging,
            "models/users.sql": stream_table_model(query),
        }
    )
