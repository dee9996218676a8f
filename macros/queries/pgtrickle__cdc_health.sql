{#- Is every change captured of every source that the stream tables of pgtrickle__covered read? One row a problem, one for
    each source without any; worst first.

    The extension's own answer is only one of the witnesses: it doesn't notice that its triggers are gone. -#}
{% macro pgtrickle__cdc_health(managed='null', everything='false') -%}
{%- set lag_remedy = "'Look whether the scheduler runs (invoke doctor), and for long transactions'" -%}
with
tables as (
  {{ pgtrickle__tables() }}
),
models as (
  {{ pgtrickle__models(managed) }}
),
dependencies as (
  select
    dependency.*,
    models.model,
    tables.schema_name || '.' || tables.table_name as dependant,
    tables.refresh_mode,
    own,
    own or {{ everything }}::boolean as covered
  from (select to_jsonb(listed) as entry from pgtrickle.pgt_dependencies listed) raw
  cross join lateral jsonb_to_record(raw.entry) as dependency(
    pgt_id bigint, source_relid oid, source_type text, columns_used text[], column_snapshot jsonb,
    cdc_mode text, slot_name text, transition_started_at timestamptz
  )
  join tables using (pgt_id)
  left join models using (schema_name, table_name)
  cross join lateral (
    select pgt_id in (
    {{ pgtrickle__covered(managed) }}
    ) as own
  ) as whose
  -- what others say that they read is told of themselves, below
  where place in ('right', 'renamed')
),
answers as (
  select answer.*, raw.entry
  from (
    select to_jsonb(listed) as entry from pgtrickle.check_cdc_health() listed
    -- it writes; a stable condition, so that it isn't called at all (observed on 0.67.0)
    where current_setting('in_hot_standby') = 'off'
  ) raw
  cross join lateral jsonb_to_record(raw.entry) as answer(
    source_relid oid, source_table text, cdc_mode text, slot_name text, lag_bytes bigint, alert text
  )
),
sources as (
  select
    source_relid,
    coalesce(namespace.nspname || '.' || relation.relname, 'OID ' || source_relid) as subject,
    relation.oid is null as gone,
    min(source_type) as source_type,
    min(upper(dependency.cdc_mode)) as cdc_mode,
    min(dependency.slot_name) as slot_name,
    min(transition_started_at) as transition_started_at,
    array_agg(distinct dependant order by dependant) as used_by,
    string_agg(distinct coalesce(model, dependant), ' ') filter (where covered) as handles,
    string_agg(distinct model, ' ') filter (where covered) as models,
    string_agg(distinct dependant, ' ') filter (where covered and model is null) as strangers,
    bool_or(covered and refresh_mode <> 'IMMEDIATE') as has_deferred,
    bool_or(own) as own
  from dependencies dependency
  left join pg_catalog.pg_class relation on relation.oid = source_relid
  left join pg_catalog.pg_namespace namespace on namespace.oid = relation.relnamespace
  group by source_relid, relation.oid, relation.relname, namespace.nspname
  having bool_or(covered)
),
-- only tables are captured; a view is inlined, a stream table hands its own changes on
captured as (
  select * from sources where source_type = 'TABLE' and not gone
),
expected_triggers as (
  select source_relid, 'pg_trickle_cdc_' || kind || '_' as prefix, '' as suffix, kind
  from captured
  cross join unnest(array['ins', 'upd', 'del', 'truncate']) as kind
  where has_deferred and cdc_mode in ('TRIGGER', 'TRANSITIONING')
  union all
  select source_relid, 'pgt_ivm_after_' || kind || '_', pgt_id::text, kind
  from dependencies
  cross join unnest(array['ins', 'upd', 'del', 'trunc']) as kind
  where covered and refresh_mode = 'IMMEDIATE' and source_relid in (select source_relid from captured)
),
triggers as (
  select
    expected.source_relid,
    expected.kind,
    present.tgname,
    present.tgenabled in ('O', 'A') as enabled,
    substr(present.tgname, length(expected.prefix) + 1) as stable_name
  from expected_triggers expected
  left join pg_catalog.pg_trigger present
    on present.tgrelid = expected.source_relid
    and starts_with(present.tgname, expected.prefix)
    and (expected.suffix = '' or present.tgname = expected.prefix || expected.suffix)
),
buffers as (
  select distinct
    triggers.source_relid,
    relation.oid as buffer,
    'changes_' || stable_name as buffer_name,
    case when not pg_is_in_recovery() then pg_stat_get_live_tuples(relation.oid) end as pending_rows
  from triggers
  left join pg_catalog.pg_class relation
    on relation.relname = 'changes_' || stable_name
    and relation.relnamespace = {{ pgtrickle__buffers_namespace() }}
  where starts_with(tgname, 'pg_trickle_cdc_ins_')
),
-- the columns that capture must carry: those used, or all where the whole row counts
needed_columns as (
  select distinct source_relid, attname::text as column_name, refresh_mode
  from dependencies
  join captured using (source_relid)
  join pg_catalog.pg_attribute on attrelid = source_relid and attnum > 0 and not attisdropped
  where columns_used is null or attname::text = any (columns_used)
),
settings as (
  select
    coalesce(current_setting('pg_trickle.buffer_alert_threshold', true)::bigint, 1000000) as many_rows,
    coalesce(current_setting('pg_trickle.slot_lag_warning_threshold_mb', true)::bigint, 100) * 1048576 as lag_warning,
    coalesce(current_setting('pg_trickle.slot_lag_critical_threshold_mb', true)::bigint, 1024) * 1048576 as lag_critical,
    coalesce(current_setting('pg_trickle.wal_transition_timeout', true)::bigint, 300) as transition_timeout
),
problems as (
  select null::oid as source_relid, 'error' as verdict, 'unreadable' as reason,
    'the answer of pgtrickle.' || relation || ' has no column ' || string_agg(needed, ', ') as cause,
    'Report this version of pg_trickle; its capture can''t be judged' as remedy
  from (
    select 'check_cdc_health()' as relation, unnest(array['source_relid', 'cdc_mode', 'slot_name', 'lag_bytes', 'alert']) as needed,
      (select proargnames from pg_catalog.pg_proc where oid = 'pgtrickle.check_cdc_health()'::regprocedure) as present
    union all
    select 'pgt_dependencies', unnest(array['pgt_id', 'source_relid', 'source_type', 'columns_used', 'cdc_mode']),
      (select array_agg(attname::text) from pg_catalog.pg_attribute where attrelid = 'pgtrickle.pgt_dependencies'::regclass
        and not attisdropped)
  ) as contract
  where needed <> all (present)
  group by relation

  union all
  select null, 'error', 'capture_paused', 'capture is switched off (pg_trickle.cdc_paused): changes are discarded',
    {{ pgtrickle__set_remedy('pg_trickle.cdc_paused', 'off') }} || '; then: invoke verify --repair'
  where current_setting('pg_trickle.cdc_paused', true) = 'on'

  union all
  select source_relid, 'error', 'source_dropped', 'it was dropped or replaced; ' || array_to_string(used_by, ', ') || ' can''t follow',
    concat_ws('; ', 'invoke run --select ' || models,
      'Build ' || strangers || ' again where its model is (invoke run); if there is none any more: invoke drop ' || strangers)
  from sources where gone

  union all
  select source_relid, 'error', 'not_watched', 'the extension doesn''t watch it', 'invoke cdc-health --repair'
  from captured where source_relid not in (select source_relid from answers) and not pg_is_in_recovery()

  union all
  select captured.source_relid, 'error', 'alert', 'the extension raises an alert: ' || alert,
    case when starts_with(alert, 'slot_lag') then {{ lag_remedy }} else 'invoke cdc-health --repair' end
  from captured join answers using (source_relid) where alert is not null

  union all
  select source_relid, 'error', 'trigger_missing',
    'capture triggers are gone (' || string_agg(distinct kind, ', ') || '): changes are lost', 'invoke cdc-health --repair'
  from triggers where tgname is null group by source_relid

  union all
  select source_relid, 'error', 'trigger_disabled',
    'capture triggers are disabled (' || string_agg(distinct kind, ', ') || '): changes are lost', 'invoke cdc-health --repair'
  from triggers where not enabled group by source_relid

  union all
  select dependencies.source_relid, 'error', 'column_gone',
    'column ' || string_agg(distinct used, ', ') || ', which ' || string_agg(distinct dependant, ', ')
      || ' reads, is gone: dropped or renamed; writes may fail',
    'Give it its old name or change the model, then: invoke cdc-health --repair'
  from dependencies
  join captured using (source_relid)
  cross join unnest(columns_used) as used
  where not exists (
    select from pg_catalog.pg_attribute where attrelid = source_relid and attname::text = used and not attisdropped
  )
  group by dependencies.source_relid

  union all
  select source_relid, 'error', 'buffer_missing', 'its change buffer ' || buffer_name || ' is gone: writes fail',
    'invoke cdc-health --repair'
  from buffers where buffer is null

  union all
  select source_relid, 'error', 'buffer_outdated',
    'its change buffer lacks column ' || string_agg(distinct column_name, ', ') || ', left over from another stream table: writes fail',
    'invoke cdc-health --repair'
  from buffers
  join needed_columns using (source_relid)
  where buffer is not null and refresh_mode <> 'IMMEDIATE' and not exists (
    select from pg_catalog.pg_attribute where attrelid = buffer and attname::text = column_name and not attisdropped
  )
  group by source_relid

  union all
  select sources.source_relid, 'error', 'buffer_shared',
    'pg_trickle takes its changes for those of ' || string_agg(other.oid::regclass::text, ', ')
      || ', which has its former name or the other way round',
    'invoke cdc-health --repair'
  from sources
  join pgtrickle.pgt_change_tracking tracking using (source_relid)
  join pgtrickle.pgt_change_tracking sharing using (source_stable_name)
  join pg_catalog.pg_class other on other.oid = sharing.source_relid
  where not gone and sharing.source_relid <> tracking.source_relid
  group by sources.source_relid

  union all
  select source_relid, 'warn', 'buffer_grows', 'about ' || pending_rows || ' changes wait in its buffer',
    'Have them taken in: invoke refresh ' || handles
  from buffers join sources using (source_relid) cross join settings where pending_rows > many_rows

  union all
  select captured.source_relid, 'error', 'slot_missing', 'its replication slot ' || coalesce(captured.slot_name, '') || ' is gone or lost',
    'invoke cdc-health --repair'
  from captured
  left join pg_catalog.pg_replication_slots slot using (slot_name)
  -- its primary's are on no read replica
  where captured.cdc_mode = 'WAL' and not pg_is_in_recovery() and (slot.slot_name is null or slot.wal_status = 'lost')

  union all
  select captured.source_relid, case when lag_bytes > lag_critical then 'error' else 'warn' end, 'slot_lag',
    'its replication slot is ' || pg_size_pretty(lag_bytes) || ' behind', {{ lag_remedy }}
  from captured join answers using (source_relid) cross join settings
  where lag_bytes > lag_warning

  union all
  select source_relid, 'warn', 'transition_blocked', 'the change to WAL capture has not come through since '
    || to_char(transition_started_at, 'YYYY-MM-DD HH24:MI'),
    'Look at the reason: select * from pgtrickle.wal_source_status()'
  from captured cross join settings
  where cdc_mode = 'TRANSITIONING' and transition_started_at < now() - make_interval(secs => transition_timeout)

  union all
  select source_relid, 'ok', 'no_primary_key', 'note: it has no primary key, which makes capture slower and blind to identical rows',
    'Give it a primary key'
  from captured
  where not exists (select from pg_catalog.pg_index where indrelid = source_relid and indisprimary)
),
answer as (
  select
    coalesce(subject, 'capture') as subject,
    source_relid::bigint as source_relid,
    coalesce(problems.verdict, 'ok') as verdict,
    coalesce(problems.reason, '') as reason,
    coalesce(problems.cause, '') as cause,
    coalesce(problems.remedy || case when right(problems.remedy, 8) = '--repair' and not own then ' --all' else '' end, '') as remedy,
    source_type,
    cdc_mode,
    used_by,
    (select max(pending_rows) from buffers where buffers.source_relid = sources.source_relid) as pending_rows
  from sources
  full join problems using (source_relid)
  union all
  select subject, null, 'error', reason, {{ pgtrickle__obstacle_cause() }}, {{ pgtrickle__obstacle_remedy() }}, null, null, null, null
  from (
    select *, schema_name || '.' || table_name as subject, {{ pgtrickle__obstacle() }} as reason
    from tables
    left join models using (schema_name, table_name)
  ) as judged
  where reason = 'storage_gone' and pgt_id in (
    {{ pgtrickle__covered(managed, everything) }}
  )
)
select * from answer
order by verdict = 'ok', verdict = 'warn', subject, reason
{%- endmacro %}
