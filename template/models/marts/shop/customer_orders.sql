-- An aggregate, kept up to date from the changed orders alone.
select
    customer_id,
    count(*) as order_count,
    min(ordered_at) as first_order_at,
    max(ordered_at) as last_order_at
from {{ ref('stg_orders') }}
group by customer_id
