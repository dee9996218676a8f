{#- How old each stream table became over the last day before a refresh ended that, with how old it is now; the
    worst of each of some hundred spans of time. An IMMEDIATE one is never old. -#}
{% macro pgtrickle__staleness(managed='null', everything='false') -%}
with tables as (
  {{ pgtrickle__tables() }}
),
moments as (
  select pgt_id, start_time as moment
  from pgtrickle.pgt_refresh_history
  where status = 'COMPLETED' and start_time > now() - interval '1 day'
  union
  select pgt_id, now() from tables where is_populated
),
gaps as (
  select
    pgt_id,
    moment,
    extract(epoch from moment - lag(moment) over (partition by pgt_id order by moment))::double precision as seconds
  from moments
),
span as (
  select greatest(extract(epoch from max(moment) - min(moment)) / 120, 1) as width from moments
)
select
  schema_name || '.' || table_name as subject,
  max(moment) as moment,
  greatest(max(seconds), 0) as staleness_seconds
from gaps
join tables using (pgt_id)
cross join span
where seconds is not null and refresh_mode <> 'IMMEDIATE'
  and pgt_id in (
  {{ pgtrickle__covered(managed, everything) }}
  )
group by schema_name, table_name, floor(extract(epoch from moment) / width)
order by subject, moment
{%- endmacro %}
