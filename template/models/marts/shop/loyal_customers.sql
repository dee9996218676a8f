-- Reads another stream table. Without a schedule of its own it follows whenever that one changed.
{{ config(schedule='calculated') }}

select
    c.customer_id,
    c.customer_name,
    co.order_count,
    co.last_order_at
from {{ ref('customer_orders') }} as co
inner join {{ ref('stg_customers') }} as c on co.customer_id = c.customer_id
where co.order_count >= 4
