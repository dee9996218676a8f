-- Section 1 of pg_trickle_lite: the catalog. Names, types and checks are those of pg_trickle 0.67.0.
-- The sections are chained as versions (catalog, arguments, query, …, 1.0): one file, one subject.

create schema pgtrickle;
create schema pgtrickle_changes;
create schema pgtrickle_lite;
grant usage on schema pgtrickle_lite to public;

create table pgtrickle.pgt_stream_tables (
    pgt_id bigserial primary key,
    pgt_relid oid not null unique,
    pgt_name text not null,
    pgt_schema text not null,
    defining_query text not null,
    original_query text,
    schedule text,
    refresh_mode text not null default 'DIFFERENTIAL'
        constraint pgt_stream_tables_refresh_mode_check
        check (refresh_mode in ('FULL', 'DIFFERENTIAL', 'IMMEDIATE')),
    status text not null default 'INITIALIZING'
        constraint pgt_stream_tables_status_check
        check (status in ('INITIALIZING', 'ACTIVE', 'SUSPENDED', 'ERROR')),
    is_populated boolean not null default false,
    data_timestamp timestamptz,
    frontier jsonb,
    last_refresh_at timestamptz,
    consecutive_errors integer not null default 0,
    needs_reinit boolean not null default false,
    auto_threshold double precision,
    last_full_ms double precision,
    functions_used text[],
    topk_limit integer,
    topk_order_by text,
    topk_offset integer,
    diamond_consistency text not null default 'atomic'
        check (diamond_consistency in ('none', 'atomic')),
    diamond_schedule_policy text not null default 'fastest'
        check (diamond_schedule_policy in ('fastest', 'slowest')),
    has_keyless_source boolean not null default false,
    function_hashes text,
    requested_cdc_mode text check (requested_cdc_mode in ('auto', 'trigger', 'wal')),
    is_append_only boolean not null default false,
    scc_id integer,
    last_fixpoint_iterations integer,
    max_differential_joins integer,
    max_delta_fraction double precision,
    pooler_compatibility_mode boolean not null default false,
    refresh_tier text not null default 'hot'
        check (refresh_tier in ('hot', 'warm', 'cold', 'frozen')),
    effective_refresh_mode text,
    fuse_mode text not null default 'off' check (fuse_mode in ('off', 'on', 'auto')),
    fuse_state text not null default 'armed' check (fuse_state in ('armed', 'blown', 'disabled')),
    fuse_ceiling bigint,
    fuse_sensitivity integer,
    blown_at timestamptz,
    blow_reason text,
    last_error_message text,
    last_error_at timestamptz,
    downstream_publication_name text,
    freshness_deadline_ms bigint,
    st_partition_key text,
    st_placement text not null default 'local',
    temporal_mode boolean not null default false,
    storage_backend text not null default 'heap',
    post_refresh_action text not null default 'none'
        check (post_refresh_action in ('none', 'analyze', 'reindex', 'reindex_if_drift')),
    reindex_drift_threshold double precision
        check (reindex_drift_threshold is null
               or (reindex_drift_threshold > 0 and reindex_drift_threshold <= 1.0)),
    rows_changed_since_last_reindex bigint not null default 0,
    last_reindex_at timestamptz,
    column_lineage jsonb,
    defining_query_hash bigint not null default 0,
    ducklake_compaction_policy text check (ducklake_compaction_policy in ('fallback', 'error')),
    ducklake_sink_mode text
        check (ducklake_sink_mode is null or ducklake_sink_mode in ('append', 'replace')),
    ducklake_sink_path text,
    ducklake_sink_table_id bigint,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
create unique index idx_pgt_name on pgtrickle.pgt_stream_tables (pgt_schema, pgt_name);

create table pgtrickle.pgt_dependencies (
    pgt_id bigint not null references pgtrickle.pgt_stream_tables on delete cascade,
    source_relid oid not null,
    source_type text not null
        check (source_type in ('TABLE', 'STREAM_TABLE', 'VIEW', 'MATVIEW', 'FOREIGN_TABLE')),
    columns_used text[],
    column_snapshot jsonb,
    schema_fingerprint text,
    cdc_mode text not null default 'TRIGGER'
        check (cdc_mode in ('TRIGGER', 'TRANSITIONING', 'WAL', 'DUCKLAKE_CHANGE_FEED')),
    slot_name text,
    decoder_confirmed_lsn pg_lsn,
    transition_started_at timestamptz,
    source_stable_name text,
    source_placement text not null default 'local',
    primary key (pgt_id, source_relid)
);
create index idx_deps_source on pgtrickle.pgt_dependencies (source_relid);

create table pgtrickle.pgt_refresh_history (
    refresh_id bigserial primary key,
    pgt_id bigint not null references pgtrickle.pgt_stream_tables on delete cascade,
    data_timestamp timestamptz not null,
    start_time timestamptz not null,
    end_time timestamptz,
    action text not null
        check (action in ('NO_DATA', 'FULL', 'DIFFERENTIAL', 'REINITIALIZE', 'SKIP')),
    rows_inserted bigint default 0,
    rows_deleted bigint default 0,
    delta_row_count bigint default 0,
    merge_strategy_used text,
    was_full_fallback boolean not null default false,
    error_message text,
    status text not null check (status in ('RUNNING', 'COMPLETED', 'FAILED', 'SKIPPED')),
    initiated_by text
        check (initiated_by in ('SCHEDULER', 'MANUAL', 'INITIAL', 'SELF_MONITOR')),
    freshness_deadline timestamptz,
    tick_watermark_lsn pg_lsn,
    fixpoint_iteration integer
);
create index idx_hist_pgt_start on pgtrickle.pgt_refresh_history (pgt_id, start_time);
create index on pgtrickle.pgt_refresh_history (pgt_id, refresh_id desc);

-- Which sources carry capture triggers, for which stream tables.
create table pgtrickle.pgt_change_tracking (
    source_relid oid primary key,
    slot_name text not null,
    last_consumed_lsn pg_lsn,
    tracked_by_pgt_ids bigint[],
    source_stable_name text,
    source_placement text not null default 'local',
    frontier_per_node jsonb
);

-- A dump takes these along, OIDs of the old database and all, but neither their sequence nor the rest.
select pg_extension_config_dump('pgtrickle.pgt_stream_tables', '');
select pg_extension_config_dump('pgtrickle.pgt_dependencies', '');

-- One order over the changes of every source: it tells a transaction's own changes before a refresh from
-- those after it, which its snapshot can't.
create sequence pgtrickle_lite.change_order;
grant usage on sequence pgtrickle_lite.change_order to public;

create function pgtrickle_lite.schedule_seconds(schedule text) returns double precision
language sql immutable as $$
    select case
        when schedule ~ '^\d+$' then schedule::float8
        else (
            select sum(part[1]::float8 * case part[2]
                when 's' then 1 when 'm' then 60 when 'h' then 3600
                when 'd' then 86400 else 604800 end)
            from regexp_matches(schedule, '(\d+)([smhdw])', 'g') as part
        )
    end
$$;

create view pgtrickle.stream_tables_info as
select
    st.*,
    now() - st.last_refresh_at as staleness,
    case when st.schedule !~ '[\s@]' then
        extract(epoch from now() - st.last_refresh_at)
            > pgtrickle_lite.schedule_seconds(st.schedule)
    end as stale,
    st.topk_limit is not null as is_topk
from pgtrickle.pgt_stream_tables as st;

create view pgtrickle.pg_stat_stream_tables as
select
    st.pgt_id, st.pgt_schema, st.pgt_name, st.status, st.refresh_mode, st.is_populated,
    st.data_timestamp, st.schedule, st.staleness, st.stale, st.consecutive_errors, st.needs_reinit,
    st.last_refresh_at,
    totals.runs as total_refreshes,
    totals.successful as successful_refreshes,
    totals.failed as failed_refreshes,
    totals.inserted as total_rows_inserted,
    totals.deleted as total_rows_deleted,
    totals.avg_ms as avg_duration_ms,
    latest.action as last_action,
    latest.status as last_status,
    (
        select array_agg(distinct dependency.cdc_mode order by dependency.cdc_mode)
        from pgtrickle.pgt_dependencies as dependency
        where dependency.pgt_id = st.pgt_id and dependency.source_type = 'TABLE'
    ) as cdc_modes,
    st.scc_id, st.last_fixpoint_iterations, st.refresh_tier
from pgtrickle.stream_tables_info as st
left join lateral (
    select
        count(*) as runs,
        count(*) filter (where history.status = 'COMPLETED') as successful,
        count(*) filter (where history.status = 'FAILED') as failed,
        coalesce(sum(history.rows_inserted), 0)::bigint as inserted,
        coalesce(sum(history.rows_deleted), 0)::bigint as deleted,
        avg(extract(epoch from history.end_time - history.start_time) * 1000)::float8 as avg_ms
    from pgtrickle.pgt_refresh_history as history
    where history.pgt_id = st.pgt_id
) as totals on true
left join lateral (
    select history.action, history.status
    from pgtrickle.pgt_refresh_history as history
    where history.pgt_id = st.pgt_id
    order by history.refresh_id desc
    limit 1
) as latest on true;

create view pgtrickle.pgt_cdc_status as
select
    st.pgt_schema, st.pgt_name, dependency.source_relid,
    source.relname as source_name, namespace.nspname as source_schema,
    dependency.cdc_mode, dependency.slot_name, dependency.decoder_confirmed_lsn,
    dependency.transition_started_at
from pgtrickle.pgt_dependencies as dependency
join pgtrickle.pgt_stream_tables as st on st.pgt_id = dependency.pgt_id
join pg_class as source on source.oid = dependency.source_relid
join pg_namespace as namespace on namespace.oid = source.relnamespace
where dependency.source_type = 'TABLE';
