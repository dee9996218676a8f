-- Your first stream table: give this file another name, select from your own models, and delete
-- the next line. Until then the model is switched off.
{{ config(enabled=false) }}

select
    date_trunc('hour', occurred_at) as hour,
    count(*) as events
from {{ source('app', 'events') }}
group by date_trunc('hour', occurred_at)
