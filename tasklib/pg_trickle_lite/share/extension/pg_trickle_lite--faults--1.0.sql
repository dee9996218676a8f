-- Section 14: monitoring.

create function pgtrickle.version() returns text
language sql immutable as $$
    select '1.0 (pg_trickle_lite, a stand-in for pg_trickle 0.67.0)'
$$;

-- The scheduler process holds this lock as long as it is connected.
create function pgtrickle_lite.scheduler_count() returns bigint
language sql stable as $$
    select count(*) from pg_locks
    where locktype = 'advisory' and granted and objsubid = 2
        and database = (select oid from pg_database where datname = current_database())
        and classid = pgtrickle_lite.lock_space() and objid = 0
$$;

create function pgtrickle.get_refresh_history(name text, max_rows integer default 20)
returns table (
    refresh_id bigint, data_timestamp timestamptz, start_time timestamptz, end_time timestamptz,
    action text, status text, rows_inserted bigint, rows_deleted bigint,
    duration_ms double precision, error_message text
) language sql stable as $$
    select
        history.refresh_id, history.data_timestamp, history.start_time, history.end_time,
        history.action, history.status, history.rows_inserted, history.rows_deleted,
        (extract(epoch from history.end_time - history.start_time) * 1000)::float8,
        history.error_message
    from pgtrickle.pgt_refresh_history as history
    where history.pgt_id = (pgtrickle_lite.find(name)).pgt_id
    order by history.refresh_id desc
    limit max_rows
$$;

-- As blind as its model: it doesn't look at the triggers.
create function pgtrickle.check_cdc_health()
returns table (
    source_relid bigint, source_table text, cdc_mode text, slot_name text, lag_bytes bigint,
    confirmed_lsn text, alert text, selective_capture boolean
) language sql stable as $$
    select distinct
        dependency.source_relid::bigint,
        coalesce(namespace.nspname || '.' || source.relname, dependency.source_relid::text),
        dependency.cdc_mode, null::text, null::bigint, null::text, null::text, false
    from pgtrickle.pgt_dependencies as dependency
    left join pg_class as source on source.oid = dependency.source_relid
    left join pg_namespace as namespace on namespace.oid = source.relnamespace
    where dependency.source_type = 'TABLE'
$$;

create function pgtrickle.pgt_status()
returns table (
    name text, status text, refresh_mode text, is_populated boolean, consecutive_errors integer,
    schedule text, data_timestamp timestamptz, staleness interval, scc_id integer
) language sql stable as $$
    select
        st.pgt_schema || '.' || st.pgt_name, st.status, st.refresh_mode, st.is_populated,
        st.consecutive_errors, st.schedule, st.data_timestamp, now() - st.data_timestamp, st.scc_id
    from pgtrickle.pgt_stream_tables as st
    order by st.pgt_schema, st.pgt_name
$$;

create function pgtrickle.st_refresh_stats()
returns table (
    pgt_name text, pgt_schema text, status text, refresh_mode text, is_populated boolean,
    total_refreshes bigint, successful_refreshes bigint, failed_refreshes bigint,
    total_rows_inserted bigint, total_rows_deleted bigint, avg_duration_ms double precision,
    last_refresh_action text, last_refresh_status text, last_refresh_at timestamptz,
    staleness_secs double precision, stale boolean, consecutive_errors integer, schedule text,
    refresh_tier text, last_error_message text, downstream_publication text
) language sql stable as $$
    select
        stats.pgt_name, stats.pgt_schema, stats.status, stats.refresh_mode, stats.is_populated,
        stats.total_refreshes, stats.successful_refreshes, stats.failed_refreshes,
        stats.total_rows_inserted, stats.total_rows_deleted, stats.avg_duration_ms,
        stats.last_action, stats.last_status, stats.last_refresh_at,
        extract(epoch from now() - stats.data_timestamp)::float8,
        coalesce(
            extract(epoch from now() - stats.data_timestamp)
                > pgtrickle_lite.schedule_seconds(stats.schedule)
            and extract(epoch from stats.staleness)
                > 3 * pgtrickle_lite.schedule_seconds(stats.schedule), false),
        stats.consecutive_errors, stats.schedule, stats.refresh_tier, st.last_error_message,
        st.downstream_publication_name
    from pgtrickle.pg_stat_stream_tables as stats
    join pgtrickle.pgt_stream_tables as st on st.pgt_id = stats.pgt_id
    order by stats.pgt_schema, stats.pgt_name
$$;

create function pgtrickle.list_sources(name text)
returns table (
    source_table text, source_oid bigint, source_type text, cdc_mode text, columns_used text
) language sql stable as $$
    select
        namespace.nspname || '.' || source.relname, source.oid::bigint, dependency.source_type,
        dependency.cdc_mode, dependency.columns_used::text
    from pgtrickle.pgt_dependencies as dependency
    join pg_class as source on source.oid = dependency.source_relid
    join pg_namespace as namespace on namespace.oid = source.relnamespace
    where dependency.pgt_id = (pgtrickle_lite.find(name)).pgt_id
    order by 1
$$;

create function pgtrickle.change_buffer_sizes()
returns table (
    stream_table text, source_table text, source_oid bigint, cdc_mode text, pending_rows bigint,
    buffer_bytes bigint
) language sql stable as $$
    select
        pgtrickle_lite.full_name(st), namespace.nspname || '.' || source.relname, source.oid::bigint,
        dependency.cdc_mode,
        coalesce((
            select greatest(buffer.reltuples, 0)::bigint from pg_class as buffer
            where buffer.oid = capture.buffer), 0),
        coalesce(pg_total_relation_size(capture.buffer), 0)
    from pgtrickle.pgt_dependencies as dependency
    join pgtrickle.pgt_stream_tables as st on st.pgt_id = dependency.pgt_id
    join pg_class as source on source.oid = dependency.source_relid
    join pg_namespace as namespace on namespace.oid = source.relnamespace
    left join pgtrickle.pgt_change_tracking as tracking on tracking.source_relid = source.oid
    cross join lateral (
        select pgtrickle_lite.buffer_relid('changes_' || tracking.source_stable_name) as buffer
    ) as capture
    order by 1, 2
$$;

create function pgtrickle.list_auxiliary_columns(name text)
returns table (column_name text, data_type text, purpose text)
language plpgsql stable as $$
declare
    st pgtrickle.pgt_stream_tables := pgtrickle_lite.find(name);
begin
    if st.pgt_id is null then
        perform pgtrickle_lite.fail(
            'XX000', 'list_auxiliary_columns: stream table not found: ' || name);
    end if;
    return query
        select
            attribute.attname::text, format_type(attribute.atttypid, null),
            case attribute.attname
                when '__pgt_row_id' then 'Row identity: a hash of the row and the number of its duplicate'
                when '__pgt_count' then 'Multiplicity: kept for its place; always 1 here'
                else 'Validity in a temporal stream table'
            end
        from pg_attribute as attribute
        where attribute.attrelid = st.pgt_relid and attribute.attname ~ '^__pgt_'
            and not attribute.attisdropped
        order by attribute.attnum;
end
$$;

create function pgtrickle.dependency_tree()
returns table (
    tree_line text, node text, node_type text, depth integer, status text, refresh_mode text
) language sql stable as $$
    with recursive edges as (
        select
            coalesce(parent.pgt_id, 0) as parent_id, reader.pgt_id as child_id,
            pgtrickle_lite.full_name(reader) as node, 'stream_table' as node_type,
            reader.status, reader.refresh_mode
        from pgtrickle.pgt_stream_tables as reader
        left join lateral (
            select upstream.pgt_id from pgtrickle.pgt_dependencies as dependency
            join pgtrickle.pgt_stream_tables as upstream on upstream.pgt_relid = dependency.source_relid
            where dependency.pgt_id = reader.pgt_id
        ) as parent on true
        union all
        select
            dependency.pgt_id, null::bigint, namespace.nspname || '.' || source.relname,
            'source_table', null::text, null::text
        from pgtrickle.pgt_dependencies as dependency
        join pg_class as source on source.oid = dependency.source_relid
        join pg_namespace as namespace on namespace.oid = source.relnamespace
        where dependency.source_type <> 'STREAM_TABLE'
    ), ranked as (
        select
            edges.*,
            row_number() over (partition by parent_id order by node_type desc, node) as place,
            row_number() over (partition by parent_id order by node_type, node desc) = 1 as is_last
        from edges
    ), tree as (
        select
            ranked.child_id, ranked.node, ranked.node_type, 0 as depth, ranked.status,
            ranked.refresh_mode, array[ranked.place] as path,
            case when ranked.is_last then '    ' else '│   ' end as indent,
            case when ranked.is_last then '└── ' else '├── ' end as line
        from ranked where ranked.parent_id = 0
        union all
        select
            ranked.child_id, ranked.node, ranked.node_type, tree.depth + 1, ranked.status,
            ranked.refresh_mode, tree.path || ranked.place,
            tree.indent || case when ranked.is_last then '    ' else '│   ' end,
            tree.indent || case when ranked.is_last then '└── ' else '├── ' end
        from tree join ranked on ranked.parent_id = tree.child_id
    )
    select
        tree.line || tree.node || case tree.node_type when 'source_table' then ' [src]' else '' end,
        tree.node, tree.node_type, tree.depth, tree.status, tree.refresh_mode
    from tree order by tree.path
$$;

create function pgtrickle_lite.health_row(check_name text, bad_severity text, bad text, good text)
returns table (check_name text, severity text, detail text)
language sql immutable as $$
    select check_name, case when bad is null then 'OK' else bad_severity end, coalesce(bad, good)
$$;

create function pgtrickle_lite.listed(what text, names text) returns text
language sql immutable as $$
    select format(what, cardinality(string_to_array(names, ', '))) || ': ' || names
$$;

create function pgtrickle.health_check()
returns table (check_name text, severity text, detail text)
language sql stable as $$
    with facts as (
        select
            string_agg(st.pgt_schema || '.' || st.pgt_name, ', ' order by st.pgt_schema, st.pgt_name)
                filter (where st.status in ('ERROR', 'SUSPENDED')) as failed,
            string_agg(st.pgt_schema || '.' || st.pgt_name, ', ' order by st.pgt_schema, st.pgt_name)
                filter (where st.stale and st.status = 'ACTIVE'
                    and extract(epoch from st.staleness)
                        > 3 * pgtrickle_lite.schedule_seconds(st.schedule)) as stale,
            string_agg(st.pgt_schema || '.' || st.pgt_name, ', ' order by st.pgt_schema, st.pgt_name)
                filter (where st.needs_reinit) as reinit,
            string_agg(st.pgt_schema || '.' || st.pgt_name, ', ' order by st.pgt_schema, st.pgt_name)
                filter (where st.consecutive_errors > 0) as counted
        from pgtrickle.stream_tables_info as st
    )
    select checked.*
    from facts
    cross join lateral (
        select * from pgtrickle_lite.health_row(
            'scheduler_running', 'ERROR',
            case when pgtrickle_lite.scheduler_count() = 0 then 'No scheduler process is running' end,
            '1 worker(s) running')
        union all
        select * from pgtrickle_lite.health_row(
            'error_tables', 'ERROR',
            pgtrickle_lite.listed('%s stream table(s) in ERROR/SUSPENDED', facts.failed),
            'All stream tables are ACTIVE or INITIALIZING')
        union all
        select * from pgtrickle_lite.health_row(
            'stale_tables', 'WARN', pgtrickle_lite.listed('%s stale stream table(s)', facts.stale),
            'No stale stream tables')
        union all
        select * from pgtrickle_lite.health_row(
            'needs_reinit', 'WARN',
            pgtrickle_lite.listed('%s stream table(s) need reinitialization', facts.reinit),
            'No stream tables awaiting reinitialization')
        union all
        select * from pgtrickle_lite.health_row(
            'consecutive_errors', 'WARN',
            pgtrickle_lite.listed('%s stream table(s) with refresh errors', facts.counted),
            'No stream tables accumulating refresh errors')
        union all
        select * from pgtrickle_lite.health_row(
            'buffer_growth', 'WARN',
            (
                select pgtrickle_lite.listed('%s large buffer(s)', string_agg(distinct source_table, ', '))
                from pgtrickle.change_buffer_sizes() where pending_rows > 1000000
            ), 'All CDC buffers within normal range')
        union all
        select * from pgtrickle_lite.health_row(
            'slot_lag', 'WARN', null, 'No WAL replication slots: changes come from triggers')
    ) as checked
$$;

create function pgtrickle.preflight() returns text
language sql stable as $$
    select jsonb_build_object(
        'scheduler_running', jsonb_build_object(
            'ok', pgtrickle_lite.scheduler_count() > 0,
            'detail', case when pgtrickle_lite.scheduler_count() > 0
                then 'The scheduler process is running' else 'No scheduler process is running' end),
        'wal_level', jsonb_build_object(
            'ok', true, 'detail', 'pg_trickle_lite captures changes with triggers only'),
        'pg_trickle_lite', jsonb_build_object('ok', true, 'detail', pgtrickle.version())
    )::text
$$;
