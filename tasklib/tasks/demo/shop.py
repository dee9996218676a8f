"""The sample shop as the demo knows it: what to write, and which figure each table should show."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One number of a stream table, and the same number from the tables below it."""

    table: str
    what: str
    shown: str
    expected: str


FIGURES = (
    Figure(
        "customer_orders",
        "orders counted",
        "select coalesce(sum(order_count), 0) from {customer_orders}",
        "select count(*) from {orders}",
    ),
    Figure(
        "daily_revenue",
        "in revenue",
        "select coalesce(sum(revenue), 0) from {daily_revenue}",
        "select coalesce(sum(amount), 0) from {payments}",
    ),
    Figure(
        "order_payments",
        "payments for shipped orders",
        "select count(*) from {order_payments} where status = 'shipped'",
        "select count(*) from {payments} join {orders} using (order_id)"
        " join {customers} using (customer_id) where lower(status) = 'shipped'",
    ),
    Figure(
        "loyal_customers",
        "customers with 4 orders or more",
        "select count(*) from {loyal_customers}",
        "select count(*) from {customers} as c"
        " where (select count(*) from {orders} as o where o.customer_id = c.customer_id) >= 4",
    ),
    Figure(
        "customer_ranking",
        "in revenue ranked",
        "select coalesce(sum(revenue), 0) from {customer_ranking}",
        "select coalesce(sum(amount), 0) from {payments} join {orders} using (order_id)"
        " join {customers} using (customer_id)",
    ),
)

TABLES = ("customers", "orders", "payments", *(figure.table for figure in FIGURES))

PLACE_ORDER = """
    insert into {orders} (order_id, customer_id, status, ordered_at)
    select
        (select coalesce(max(order_id), 0) + 1 from {orders}),
        customer_id, 'placed', localtimestamp(0)
    from {customers} order by random() limit 1
    on conflict do nothing
    returning format('customer %s places order %s', customer_id, order_id) as event
"""

PAY_ORDER = """
    with unpaid as (
        update {orders} set status = 'paid'
        where order_id = (
            select order_id from {orders} where status = 'placed' order by random() limit 1
        )
        returning order_id
    )
    insert into {payments} (payment_id, order_id, method, amount, paid_at)
    select
        (select coalesce(max(payment_id), 0) + 1 from {payments}),
        order_id, 'card', round((5 + random() * 195)::numeric, 2), localtimestamp(0)
    from unpaid
    on conflict do nothing
    returning format('order %s is paid: %s by card', order_id, amount) as event
"""

SHIP_ORDER = """
    update {orders} set status = 'shipped'
    where order_id = (
        select order_id from {orders} where status = 'paid' order by random() limit 1
    )
    returning format('order %s is shipped', order_id) as event
"""

CORRECT_PAYMENT = """
    update {payments} set amount = round((5 + random() * 195)::numeric, 2)
    where payment_id = (select payment_id from {payments} order by random() limit 1)
    returning format('payment %s is corrected to %s', payment_id, amount) as event
"""

CANCEL_ORDER = """
    delete from {orders}
    where order_id = (
        select order_id from {orders} where status = 'placed' order by random() limit 1
    )
    returning format('order %s is cancelled', order_id) as event
"""

WRITES = (PLACE_ORDER, PLACE_ORDER, PAY_ORDER, PAY_ORDER, SHIP_ORDER, CORRECT_PAYMENT, CANCEL_ORDER)
