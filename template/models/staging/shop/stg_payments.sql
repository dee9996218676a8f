select
    payment_id,
    order_id,
    method,
    coalesce(amount, 0) as amount,
    paid_at
from {{ ref('payments') }}
