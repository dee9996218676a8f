{#- One verdict for each stream table and each model without one; worst first. server_wide: it is about none of them, but about the
    scheduler, or a transaction that keeps refreshes behind.

    managed: dbt's models as JSON (null: not known). model_name: null for all that pgtrickle__covered gives. Limits in
    seconds: null where the caller gave none; then the model's own count, then 600 and 1800. Only these defaults bend
    to a schedule that is slower than they are. orphans: JSON, the pgt_id's that pgtrickle__orphans gives: covered as well. -#}
{% macro pgtrickle__freshness(
  managed='null', model_name='null', warn_seconds='null', error_seconds='null', everything='false', orphans='null'
) -%}
with recursive
models as (
  {{ pgtrickle__models(managed) }}
),
tables as materialized (
  {{ pgtrickle__tables() }}
),
scheduler as (
  {{ pgtrickle__scheduler() }}
),
orphans as (
  select jsonb_array_elements_text({{ orphans }}::jsonb)::bigint as pgt_id
),
covered as (
  {{ pgtrickle__covered(managed, everything) }}
  union
  select pgt_id from orphans
),
known as (
  select
    schema_name || '.' || table_name as subject,
    coalesce(model, schema_name || '.' || table_name) as handle,
    *,
    {{ pgtrickle__obstacle() }} as obstacle
  from tables
  full join models using (schema_name, table_name)
),
timed as materialized (
  select
    known.*,
    case when pgt_relid is not null and greatest(last_refresh_at, looked_at) is not null
      then greatest(extract(epoch from now() - greatest(last_refresh_at, looked_at))::double precision, 0)
    end as age,
    case
      when schedule is null then null
      when schedule ~ '[ @]' then extract(epoch from {{ pgtrickle__cron_next('schedule', 'last_refresh_at') }} - last_refresh_at)
      else {{ pgtrickle__schedule_seconds('schedule') }} * case refresh_tier when 'warm' then 2 when 'cold' then 10 else 1 end
    end::double precision as period
  from known
  left join lateral (
    -- of a table with LIMIT, that there was nothing to do is told by its history alone
    select start_time as looked_at
    from pgtrickle.pgt_refresh_history history
    where history.pgt_id = known.pgt_id and action = 'NO_DATA' and history.status = 'COMPLETED'
    order by start_time desc
    limit 1
  ) as idle on true
),
limited as materialized (
  select
    timed.*,
    coalesce({{ warn_seconds }}::double precision, warn_seconds, least(600, given_error) + patience) as warn_after,
    greatest(
      coalesce({{ error_seconds }}::double precision, error_seconds, 1800 + patience),
      case when given_error is null then coalesce({{ warn_seconds }}::double precision, warn_seconds) end
    ) as error_after
  from timed
  cross join lateral (
    select
      coalesce({{ error_seconds }}::double precision, error_seconds) as given_error,
      -- a table refreshed twice within the default limit can't trip it by its schedule alone
      case
        when schedule ~ '[ @]' or period > 300 then coalesce(period, 0) else 0
      end as patience
  ) as own
),
judged as materialized (
  select
    limited.*,
    behind,
    coalesce(case
      when cardinality(missing) > 0 then 'unreadable'
      when obstacle is not null then obstacle
      when last_refresh_at is null then 'never_populated'
      when source_gone then 'source_dropped'
      -- of a clock that went back; a scheduler may wait until then
      when refresh_mode <> 'IMMEDIATE' and last_refresh_at > now() + interval '1 minute' then 'ahead'
      when refresh_mode = 'IMMEDIATE' and needs_reinit then 'needs_reinit'
      when refresh_mode = 'IMMEDIATE' then null
      when schedule is null then case when behind > error_after then 'late' when behind > warn_after then 'getting_late' end
      when age > error_after then 'late'
      when age > warn_after then 'getting_late'
      when needs_reinit then 'reinit_pending'
    end, case when pgt_id in (select pgt_id from orphans) then 'orphan' end) as reason
  from limited
  left join lateral (
    -- a calculated table has no time of its own: it is behind once something it reads has newer data, or once
    -- changes wait in a buffer, for since its last refresh the scheduler has had them to take
    select case when limited.schedule is null then greatest(
      (
        select extract(epoch from now() - min(upstream.data_timestamp))::double precision
        from pgtrickle.pgt_dependencies dependency
        join tables upstream on upstream.pgt_relid = dependency.source_relid
        where dependency.pgt_id = limited.pgt_id and upstream.data_timestamp > limited.last_refresh_at
      ),
      (
        select age
        from pgtrickle.pgt_dependencies dependency
        join pgtrickle.pgt_change_tracking tracking using (source_relid)
        join pg_catalog.pg_class buffer on buffer.relname = 'changes_' || tracking.source_stable_name
        where dependency.pgt_id = limited.pgt_id
          and buffer.relnamespace = {{ pgtrickle__buffers_namespace() }}
          and pg_stat_get_live_tuples(buffer.oid) > 0
        limit 1
      )
    ) end as behind
  ) as waiting on true
),
verdicts as (
  select
    judged.*,
    case
      when reason is null then 'ok'
      when reason in ('paused', 'getting_late', 'reinit_pending', 'orphan') then 'warn'
      else 'error'
    end as own_verdict
  from judged
),
edges as (
  select dependency.pgt_id, upstream.pgt_id as upstream_id
  from pgtrickle.pgt_dependencies dependency
  join tables upstream on upstream.pgt_relid = dependency.source_relid
),
-- a table can't be fresher than what it reads
inherited as (
  select pgt_id, subject as culprit, own_verdict as verdict
  from verdicts
  where own_verdict <> 'ok' and reason not in ('reinit_pending', 'orphan') and pgt_id is not null
  union
  select edges.pgt_id, inherited.culprit, inherited.verdict
  from inherited
  join edges on edges.upstream_id = inherited.pgt_id
),
worst_upstream as (
  select distinct on (pgt_id) pgt_id, culprit, verdict
  from inherited
  order by pgt_id, verdict, culprit
),
told as materialized (
  select
    verdicts.*,
    case when own_verdict = 'ok' then coalesce(upstream.verdict, 'ok') else own_verdict end as verdict,
    coalesce(
      {{ pgtrickle__obstacle_cause() }},
      case reason
        when 'unreadable' then 'the extension''s catalog has no column ' || array_to_string(missing, ', ')
        when 'needs_reinit' then 'something that it reads changed shape; it was not rebuilt since'
        when 'reinit_pending' then 'something that it reads changed shape; its next refresh rebuilds it'
        when 'ahead' then 'by the catalog it was last refreshed in the future, ' || last_refresh_at::timestamptz(0)
          || ': the server''s clock was set back'
        when 'late' then 'last refreshed ' || {{ pgtrickle__duration('coalesce(behind, age)') }} || ' ago, limit '
          || {{ pgtrickle__duration('error_after') }}
        when 'orphan' then 'it has no model any more, and is refreshed for ever'
        when 'getting_late' then 'last refreshed ' || {{ pgtrickle__duration('coalesce(behind, age)') }} || ' ago, expected within '
          || {{ pgtrickle__duration('warn_after') }}
      end,
      case when upstream.culprit is not null then 'it reads ' || upstream.culprit || ', which is not fresh' end,
      case when model is null and {{ managed }}::jsonb is not null then 'not a model of this project' end,
      ''
    ) as cause,
    coalesce(
      {{ pgtrickle__obstacle_remedy() }},
      case reason
        when 'unreadable' then 'Report this version of pg_trickle: '
          || coalesce((select extversion from pg_catalog.pg_extension where extname in ('pg_trickle', 'pg_trickle_lite')), '')
        when 'needs_reinit' then 'invoke refresh ' || handle
        when 'ahead' then 'invoke refresh ' || handle
        when 'late' then late_remedy
        when 'orphan' then 'invoke prune'
        when 'getting_late' then late_remedy
      end,
      case when reason is null and upstream.culprit is not null then 'Its remedy: invoke freshness ' || upstream.culprit end,
      ''
    ) as remedy
  from verdicts
  left join worst_upstream upstream using (pgt_id)
  cross join lateral (
    select case
      when refresh_tier = 'frozen' then 'Its tier is frozen: invoke resume ' || handle
      else 'Refresh it now: invoke refresh ' || handle || '; then look for long refreshes: invoke history ' || handle
    end as late_remedy
  ) as late
),
wanted as (
  select *
  from told
  where {{ model_name }}::text is null and (pgt_id is null or pgt_id in (select pgt_id from covered))
    or {{ pgtrickle__is_named(model_name ~ '::text') }}
),
answer as (
  select
    subject, model, model is not null as managed, false as server_wide, verdict, coalesce(reason, '') as reason, cause, remedy,
    status, refresh_mode, schedule, age as age_seconds, warn_after as warn_seconds, error_after as error_seconds, last_refresh_at
  from wanted
  union all
  select
    {{ model_name }}::text, null, false, false, 'error', 'not_found', 'no model and no stream table has this name',
    '{{ pgtrickle__names_remedy() }}', null, null, null, null, null, null, null
  where {{ model_name }}::text is not null and not exists (select from wanted)
  union all
  select
    'scheduler', null, false, true, 'error', case when stuck then 'stuck_scheduler' else 'no_scheduler' end,
    case when hangs then 'the scheduler''s process hangs: its last sign of life is ' || {{ pgtrickle__duration('abs(since)') }} || ' old'
      when stuck then 'the scheduler runs, and refreshes nothing: all ' || punctual || ' that it should have refreshed are overdue'
      when running then 'the scheduler is switched off: pg_trickle.enabled = off' else 'no scheduler works on this database' end,
    case when stuck then 'invoke down, then: invoke up; elsewhere: have PostgreSQL restarted'
      when running then {{ pgtrickle__set_remedy('pg_trickle.enabled', 'on') }}
      else 'invoke up; elsewhere: pg_trickle in shared_preload_libraries, and free max_worker_processes' end,
    null, null, null, null, null, null, null
  from scheduler
  cross join (
    select count(*) as punctual, coalesce(bool_and(age > period + 60), false) as overdue
    from limited
    where status = 'ACTIVE' and refresh_mode <> 'IMMEDIATE' and is_populated and coalesce(refresh_tier, '') <> 'frozen'
      and period <= 3600 and coalesce(consecutive_errors, 0) = 0
  ) as due
  cross join lateral (
    -- pg_trickle's gives no sign of life: that all is overdue tells, unless the server has just started
    select hangs or since is null and running and enabled and not busy and overdue
      and now() - pg_postmaster_start_time() > interval '1 minute' as stuck
  ) as judged
  where (stuck or not (running and enabled))
    and not exists (select from wanted having count(*) > 0 and bool_and(refresh_mode = 'IMMEDIATE'))
  union all
  select 'transaction', null, false, true, 'warn', 'held_back', cause, remedy, null, null, null, null, null, null, null
  from (
    {{ pgtrickle__held_back() }}
  ) as held_back
  where exists (select from wanted where refresh_mode = 'DIFFERENTIAL')
)
select answer.*, tables.asked_mode, tables.trial, tables.trial_change
from answer
left join tables on tables.schema_name || '.' || tables.table_name = answer.subject
order by verdict = 'ok', verdict = 'warn', subject
{%- endmacro %}
