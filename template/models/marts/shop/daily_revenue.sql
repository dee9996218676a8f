-- stg_payments never gives a NULL amount: the extension's incremental sum() is wrong for a group
-- whose amounts are all NULL.
select
    date_trunc('day', paid_at) as paid_on,
    count(*) as payment_count,
    sum(amount) as revenue
from {{ ref('stg_payments') }}
group by date_trunc('day', paid_at)
