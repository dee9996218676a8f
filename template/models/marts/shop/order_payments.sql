-- A join: a change on any of the three sides arrives here.
select
    p.payment_id,
    o.order_id,
    c.customer_id,
    c.customer_name,
    c.city,
    o.status,
    p.method,
    p.amount,
    p.paid_at
from {{ ref('stg_payments') }} as p
inner join {{ ref('stg_orders') }} as o on p.order_id = o.order_id
inner join {{ ref('stg_customers') }} as c on o.customer_id = c.customer_id
