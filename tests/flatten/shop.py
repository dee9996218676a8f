"""Tables with NULLs, and dbt's own style of staging views over them."""

TABLES = """
create schema raw;
create schema shop;
create table raw.orders (
    id int primary key, user_id int, order_date date, status text, note varchar(20), created timestamptz
);
create table raw.payments (id int primary key, order_id int, method text, amount numeric(10,2));
create table raw.users (id int primary key, name text, city text not null);
insert into raw.orders
    select i, nullif(i * 7 % 13, 0), date '2026-01-01' + i % 9, case i % 4 when 0 then 'placed' when 1 then 'Done' when 2 then 'gone' end,
        nullif('n' || i % 3, 'n2'), timestamptz '2026-01-01 20:00Z' + i * interval '5 hours'
    from generate_series(1, 40) as i;
insert into raw.payments
    select i, nullif(i * 11 % 43, 0), (array['card', 'cash', null])[1 + i % 3], nullif(i % 9, 0) * 2.5 from generate_series(1, 50) as i;
insert into raw.users select i, nullif('u' || i, 'u4'), 'c' || i % 3 from generate_series(1, 10) as i;
"""

STAGING = """
create view shop.stg_orders as
    with source as (select * from raw.orders),
    renamed as (
        select id as order_id, user_id as customer_id, order_date, lower(status) as status, note from source
        where status is distinct from 'gone'
    )
    select * from renamed;
create view shop.stg_payments as
    with source as (select * from raw.payments),
    renamed as (select id as payment_id, order_id, method, coalesce(amount, 0) / 100 as amount from source)
    select * from renamed;
create view shop.stg_users as
    with source as (select * from raw.users), renamed as (select id as customer_id, name, city from source)
    select * from renamed;
create view shop.paid_orders as
    with orders as (select * from shop.stg_orders), payments as (select * from shop.stg_payments),
    joined as (
        select orders.order_id, orders.customer_id, payments.payment_id, payments.amount
        from orders join payments on payments.order_id = orders.order_id
    )
    select * from joined;
"""

QUERIES = {
    "a view": "select * from shop.stg_orders",
    "another order": "select status, note, order_id from shop.stg_orders where customer_id > 3",
    "every column in another order": "select name, city, customer_id from shop.stg_users",
    "quoted": 'select "stg_orders"."order_id" from "{db}"."shop"."stg_orders"',
    "qualified": "select shop.stg_orders.order_id, stg_orders.note from shop.stg_orders",
    "group": "select customer_id, count(*) as n, min(status) as s from shop.stg_orders group by 1",
    "having": "select status, count(*) as n from shop.stg_orders group by status having count(*) > 2",
    "distinct": "select distinct customer_id, status from shop.stg_orders",
    "join": "select o.order_id, p.payment_id, p.amount, o.status from shop.stg_orders o "
            "join shop.stg_payments p on p.order_id = o.order_id where o.status in ('placed', 'done')",
    "using": "select order_id, p.payment_id, note from shop.stg_orders o "
             "join shop.stg_payments p using (order_id)",
    "using twice": "select order_id, customer_id, name, amount from shop.stg_payments "
                   "join shop.stg_orders using (order_id) join shop.stg_users using (customer_id)",
    "left join": "select u.customer_id, u.name, o.order_id, o.status from shop.stg_users u "
                 "left join shop.stg_orders o on o.customer_id = u.customer_id",
    "left join of an expression": "select o.order_id, p.payment_id, p.amount from shop.stg_orders o "
                                  "left join shop.stg_payments p on p.order_id = o.order_id",
    "right and full join": "select u.customer_id, o.order_id, p.payment_id, p.amount from shop.stg_users u "
                           "right join shop.stg_orders o on o.customer_id = u.customer_id "
                           "full join shop.stg_payments p on p.order_id = o.order_id",
    "correlated": "select u.customer_id, (select count(*) from shop.stg_orders o where "
                  "o.customer_id = u.customer_id and o.status = 'placed') as n from shop.stg_users u",
    "exists": "select u.customer_id from shop.stg_users u where not exists "
              "(select from shop.stg_orders o where o.customer_id = u.customer_id)",
    "lateral": "select u.customer_id, x.order_id from shop.stg_users u, lateral "
               "(select order_id from shop.stg_orders o where o.customer_id = u.customer_id "
               "order by order_id desc limit 1) x",
    "set operations": "select customer_id as id, note as t from shop.stg_orders union all "
                      "select customer_id, name from shop.stg_users",
    "window": "select order_id, row_number() over (partition by status order by order_id) as r "
              "from shop.stg_orders",
    "top": "select order_id, status from shop.stg_orders order by order_id desc limit 3",
    "style guide": "with orders as (select * from shop.stg_orders), users as (select * from shop.stg_users), "
                   "counts as (select customer_id, count(*) as n from orders group by customer_id), "
                   "final as (select users.*, counts.n from users left join counts "
                   "on counts.customer_id = users.customer_id) select * from final",
    "import used twice": "with o as (select * from shop.stg_orders) select a.order_id, b.order_id as other "
                         "from o a join o b on a.customer_id = b.customer_id and a.order_id < b.order_id",
    "a column like an import": "with status as (select * from shop.stg_orders) "
                               "select status, order_id as note from status where status = 'placed'",
    "a view of a join": "select customer_id, sum(amount) as s from shop.paid_orders group by customer_id",
    "two views of the same": "select a.payment_id, b.status from shop.paid_orders a "
                             "join shop.stg_orders b on b.order_id = a.order_id",
    "a table beside a view": "select u.id, u.name, o.order_id from raw.users u "
                             "join shop.stg_orders o on o.customer_id = u.id",
    "only look-alikes": "select order_id, 'from shop.stg_users' as a /* shop.stg_users */, $$shop.stg_users$$ as b "
                        "from shop.stg_orders -- from shop.stg_users",
}  # fmt: skip
