-- The best position is always 1, and it is always taken.
select min(position) as best
from {{ ref('customer_ranking') }}
having min(position) is distinct from 1
