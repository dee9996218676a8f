"""Groups joined with tables and with each other, and unions, in dbt's style: incremental by dbt run alone, and right."""

from __future__ import annotations

from collections.abc import Callable

from tests.flatten.shop import STAGING, TABLES
from tests.flatten.test_stream_tables import CHANGES
from tests.materialization.shop import stream_table, stream_table_model
from tests.support.dbt_project import DbtProject
from tests.support.postgres import Database

ORDERS = "orders as (select * from shop.stg_orders), payments as (select * from shop.stg_payments)"
# on 0.67.0 each of them was FULL in its own words: joined by USING, groups in a CTE, a least value in
# a subquery, arms whose columns have no names
QUERIES = {
    "fct_orders": f"with {ORDERS}, paid as (select order_id, count(*) as payments, sum(amount) as total from payments group by 1), "
    "final as (select orders.order_id, orders.status, coalesce(paid.payments, 0) as payments, paid.total "
    "from orders left join paid using (order_id)) select * from final",
    "last_orders": f"with {ORDERS}, users as (select * from shop.stg_users), last_order as ("
    "select customer_id, max(order_date) as last_on, min(status) as status from orders group by customer_id) "
    "select users.customer_id, users.name, last_on, last_order.status from users join last_order using (customer_id)",
    "per_customer": "select o.customer_id, o.orders, p.total from "
    "(select customer_id, count(*) as orders from shop.stg_orders where status = 'placed' group by customer_id) o "
    "join (select order_id as customer_id, sum(amount) as total from shop.stg_payments group by 1) p using (customer_id)",
    "people": "select name from shop.stg_users where name is not null union select lower(city) || '!' from shop.stg_users",
}

VISIBLE = (
    "select column_name from information_schema.columns where table_name = %s "
    "and not starts_with(column_name, '__pgt_') order by ordinal_position"
)


def test_dbt_run_finds_the_words_in_which_they_are_kept_right(
    database: Database, dbt_project: Callable[..., DbtProject]
) -> None:
    database.execute(TABLES + STAGING)
    models = {f"models/{n}.sql": stream_table_model(q, trial="on") for n, q in QUERIES.items()}
    project = dbt_project(models)
    log = project.dbt("run").log
    modes = {name: stream_table(database, name)["refresh_mode"] for name in QUERIES}
    assert modes == dict.fromkeys(QUERIES, "DIFFERENTIAL"), log
    for change in CHANGES:
        database.execute(change)
        for name, query in QUERIES.items():
            database.query(f"select pgtrickle.refresh_stream_table('analytics.{name}')")
            columns = ", ".join(row["column_name"] for row in database.query(VISIBLE, name))
            kept = f"select {columns} from analytics.{name}"
            for one, other in ((query, kept), (kept, query)):
                difference = f"select * from ({one}) a except all select * from ({other}) b"
                assert not database.query(difference), (name, change)
