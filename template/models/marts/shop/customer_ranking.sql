-- Window functions are beyond incremental maintenance, so this one runs its whole query again.
{{ config(refresh_mode='FULL', schedule='5s') }}

select
    c.customer_id,
    c.customer_name,
    coalesce(sum(p.amount), 0) as revenue,
    rank() over (order by coalesce(sum(p.amount), 0) desc) as position
from {{ ref('stg_customers') }} as c
left join {{ ref('stg_orders') }} as o on c.customer_id = o.customer_id
left join {{ ref('stg_payments') }} as p on o.order_id = p.order_id
group by c.customer_id, c.customer_name
