{#- What each stream table is and how it does: the verdict on its freshness, its modes, its latest refreshes. -#}
{% macro pgtrickle__status(managed='null', everything='false') -%}
with verdicts as materialized (
  {{ pgtrickle__freshness(managed, everything=everything) }}
),
tables as (
  {{ pgtrickle__tables() }}
),
models as (
  {{ pgtrickle__models(managed) }}
)
select
  verdicts.subject,
  verdicts.model,
  verdicts.verdict,
  verdicts.reason,
  verdicts.cause,
  verdicts.remedy,
  verdicts.status,
  coalesce(models.requested_mode, tables.asked_mode) as requested_mode,
  tables.trial,
  tables.trial_change,
  verdicts.refresh_mode,
  tables.effective_refresh_mode,
  verdicts.schedule,
  verdicts.age_seconds,
  verdicts.warn_seconds,
  verdicts.last_refresh_at,
  tables.consecutive_errors,
  tables.error_message,
  latest.rows_changed,
  coalesce(latest.costs, array[]::double precision[]) as costs_ms
from verdicts
left join tables on tables.schema_name || '.' || tables.table_name = verdicts.subject
left join models on models.model = verdicts.model
  and models.schema_name || '.' || models.table_name = verdicts.subject
left join lateral (
  select
    (array_agg(coalesce(rows_inserted, 0) + coalesce(rows_deleted, 0) order by start_time desc))[1] as rows_changed,
    -- one that ends in the moment when it starts was not measured
    array_agg((extract(epoch from end_time - start_time) * 1000)::double precision order by start_time)
      filter (where end_time > start_time) as costs
  from (
    select start_time, end_time, rows_inserted, rows_deleted
    from pgtrickle.pgt_refresh_history history
    where history.pgt_id = tables.pgt_id and action <> 'NO_DATA' and end_time is not null
    order by start_time desc
    limit 12
  ) as recent
) as latest on true
order by verdicts.verdict = 'ok', verdicts.verdict = 'warn', verdicts.subject
{%- endmacro %}
