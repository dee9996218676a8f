-- Section 7: refresh.

create function pgtrickle_lite.record_refresh(
    st pgtrickle.pgt_stream_tables, action text, initiated_by text, started timestamptz,
    inserted bigint, deleted bigint
) returns void
language sql as $$
    insert into pgtrickle.pgt_refresh_history (
        pgt_id, data_timestamp, start_time, end_time, action, rows_inserted, rows_deleted,
        merge_strategy_used, status, initiated_by)
    values (
        st.pgt_id, started, started,
        case when initiated_by = 'SCHEDULER' then clock_timestamp() else started end,
        action, inserted, deleted, action, 'COMPLETED', initiated_by)
$$;

-- Tell the stream tables on this one that it changed.
create function pgtrickle_lite.announce_change(st pgtrickle.pgt_stream_tables) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    buffer text := pgtrickle_lite.stream_table_buffer(st.pgt_id);
begin
    if pgtrickle_lite.buffer_relid(buffer) is not null then
        execute format('insert into pgtrickle_changes.%I (action) values (''I'')', buffer);
    end if;
end
$$;

create function pgtrickle_lite.clean_sources(st pgtrickle.pgt_stream_tables) returns void
language plpgsql as $$
declare
    tracked record;
begin
    for tracked in
        select dependency.source_relid, coalesce(
            'changes_' || tracking.source_stable_name,
            pgtrickle_lite.stream_table_buffer(upstream.pgt_id)) as buffer
        from pgtrickle.pgt_dependencies as dependency
        left join pgtrickle.pgt_stream_tables as upstream on upstream.pgt_relid = dependency.source_relid
        left join pgtrickle.pgt_change_tracking as tracking
            on tracking.source_relid = dependency.source_relid
        where dependency.pgt_id = st.pgt_id
    loop
        if pgtrickle_lite.buffer_relid(tracked.buffer) is not null then
            perform pgtrickle_lite.clean_buffer(tracked.source_relid, tracked.buffer);
        end if;
    end loop;
end
$$;

-- Fill a stream table from nothing and say so in the catalog. What a change of the definition causes is not in
-- the history: initiated_by is NULL.
create function pgtrickle_lite.fill(
    for_pgt_id bigint, shape pgtrickle_lite.query_shape, initiated_by text default null
) returns void
language plpgsql as $$
declare
    st pgtrickle.pgt_stream_tables;
    reached jsonb := pgtrickle_lite.current_frontier();
    inserted bigint;
begin
    select * into st from pgtrickle.pgt_stream_tables where pgt_id = for_pgt_id;
    inserted := pgtrickle_lite.refill(st, shape, initiated_by is null);
    update pgtrickle.pgt_stream_tables
    set status = 'ACTIVE', is_populated = true, needs_reinit = false, frontier = reached,
        data_timestamp = now(), last_refresh_at = now(), consecutive_errors = 0,
        last_error_message = null, last_error_at = null, updated_at = now()
    where pgt_id = for_pgt_id;
    perform pgtrickle_lite.announce_change(st);
    if initiated_by is not null then
        perform pgtrickle_lite.record_refresh(
            st, 'FULL', initiated_by, now(), case when initiated_by = 'INITIAL' then 0 else inserted end, 0);
    end if;
end
$$;

-- Does it only grow, so that pg_trickle calls it append-only, whatever its owner said? A plain query of one
-- table that saw no UPDATE and DELETE since its last refresh, until it sees one.
create function pgtrickle_lite.is_appended_to(st pgtrickle.pgt_stream_tables) returns boolean
language sql as $$
    select not exists (select from pgtrickle_lite.changed_sources(st, 'D'))
        and case when exists (select from pgtrickle.pgt_dependencies where source_relid = st.pgt_relid)
            then st.is_append_only
            else not st.has_keyless_source
                and not pgtrickle_lite.has_count(pgtrickle_lite.storage(st))
                and st.defining_query !~* '\m(where|with|join|distinct|over|union|intersect|except)\M'
                and (select array_agg(source_type) from pgtrickle.pgt_dependencies
                     where pgt_id = st.pgt_id and source_type <> 'VIEW') = '{TABLE}'
        end
$$;

-- One refresh of a stream table that may be refreshed and is locked; says what it did.
create function pgtrickle_lite.refresh(st pgtrickle.pgt_stream_tables, initiated_by text) returns text
language plpgsql as $$
declare
    started timestamptz := case when initiated_by = 'SCHEDULER' then clock_timestamp() else now() end;
    reached jsonb := pgtrickle_lite.current_frontier();
    pending boolean := pgtrickle_lite.has_pending_changes(st);
    action text := 'NO_DATA';
    incremental boolean := false;
    appended boolean := st.is_append_only;
    inserted bigint := 0;
    deleted bigint := 0;
begin
    if st.frontier is null or st.needs_reinit or not st.is_populated then
        if st.needs_reinit then
            perform pgtrickle_lite.bind(st, pgtrickle_lite.examine(pgtrickle_lite.written_query(st)));
        end if;
        perform pgtrickle_lite.fill(
            st.pgt_id, pgtrickle_lite.examine(pgtrickle_lite.written_query(st)), initiated_by);
        return 'FULL';
    end if;
    if pending or (initiated_by = 'MANUAL'
            and (st.refresh_mode <> 'DIFFERENTIAL' or st.topk_limit is not null)) then
        action := case st.refresh_mode when 'DIFFERENTIAL' then 'DIFFERENTIAL' else 'FULL' end;
        incremental := action = 'DIFFERENTIAL' and st.topk_limit is null;
        appended := case when incremental then pgtrickle_lite.is_appended_to(st) else appended end;
        select merged.inserted, merged.deleted into inserted, deleted
        from pgtrickle_lite.merge_rows(st, incremental) as merged;
        if inserted + deleted > 0 then
            perform pgtrickle_lite.announce_change(st);
        end if;
    end if;
    update pgtrickle.pgt_stream_tables as stored
    set frontier = case when action = 'NO_DATA' then stored.frontier else reached end,
        last_refresh_at = started,
        data_timestamp = case when inserted + deleted > 0 then started else stored.data_timestamp end,
        is_append_only = appended,
        effective_refresh_mode = case
            when incremental and appended then 'APPEND_ONLY'
            when stored.topk_limit is not null and action <> 'NO_DATA' then 'TOP_K'
            else action
        end,
        last_error_message = null, last_error_at = null
    where stored.pgt_id = st.pgt_id;
    perform pgtrickle_lite.record_refresh(st, action, initiated_by, started, inserted, deleted);
    if action <> 'NO_DATA' then
        perform pgtrickle_lite.clean_sources(st);
    end if;
    return action;
end
$$;

create function pgtrickle_lite.lock_space() returns integer
language sql immutable as $$ select 1886544492 $$;

-- The current row of a stream table, ours to refresh until the end of the transaction; none if somebody else's.
create function pgtrickle_lite.lock_for_refresh(wanted_pgt_id bigint) returns pgtrickle.pgt_stream_tables
language plpgsql as $$
declare
    st pgtrickle.pgt_stream_tables;
begin
    if pg_try_advisory_xact_lock(pgtrickle_lite.lock_space(), wanted_pgt_id::integer) then
        select * into st from pgtrickle.pgt_stream_tables
        where pgt_id = wanted_pgt_id for update skip locked;
    end if;
    return st;
end
$$;

create function pgtrickle.refresh_stream_table(name text) returns void
language plpgsql strict as $$
declare
    st pgtrickle.pgt_stream_tables := pgtrickle_lite.get(name);
    qualified text := pgtrickle_lite.full_name(st);
    action text;
begin
    if st.status in ('SUSPENDED', 'ERROR') then
        perform pgtrickle_lite.reject(format(
            'stream table %s is %s ; use pgtrickle.resume_stream_table(''%s'') first',
            qualified,
            case st.status when 'ERROR' then 'in error state' else 'suspended' end,
            qualified));
    end if;
    st := pgtrickle_lite.lock_for_refresh(st.pgt_id);
    if st.pgt_id is null then
        raise notice 'refresh skipped: % — another refresh is already in progress', qualified;
        return;
    end if;
    action := pgtrickle_lite.refresh(st, 'MANUAL');
    raise info 'Stream table % refreshed (%)', qualified, action;
end
$$;

-- What the scheduler calls. NULL: somebody else is at it, or it is no longer active.
create function pgtrickle_lite.scheduled_refresh(wanted_pgt_id bigint) returns text
language plpgsql as $$
declare
    st pgtrickle.pgt_stream_tables := pgtrickle_lite.lock_for_refresh(wanted_pgt_id);
begin
    if st.status = 'ACTIVE' then
        return pgtrickle_lite.refresh(st, 'SCHEDULER');
    end if;
    return null;
end
$$;

-- In pg_trickle's manner: the error is kept as a dump of its report, and nothing is counted.
create function pgtrickle_lite.record_failure(wanted_pgt_id bigint, sqlstate_code text, message text)
returns void
language sql as $$
    update pgtrickle.pgt_stream_tables
    set status = 'ERROR', last_error_at = now(), last_error_message = format(
        'ErrorReportWithLevel { level: ERROR, inner: ErrorReport { sqlerrcode: %s, message: %s, '
        'hint: None, detail: None } }', sqlstate_code, to_json(message))
    where pgt_id = wanted_pgt_id
$$;

-- IMMEDIATE: the writers of one stream table's sources take turns, and each recomputes before it goes on.
create function pgtrickle_lite.take_turn() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    perform pg_advisory_xact_lock(pgtrickle_lite.lock_space(), tg_argv[0]::integer);
    return null;
end
$$;

create function pgtrickle_lite.maintain() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare
    st pgtrickle.pgt_stream_tables;
    changes record;
begin
    select * into st from pgtrickle.pgt_stream_tables where pgt_id = tg_argv[0]::bigint;
    -- After a restore the catalog still names the old database's sources: then nothing arrives.
    if st.is_populated and st.refresh_mode = 'IMMEDIATE' and st.status = 'ACTIVE' and exists (
        select from pgtrickle.pgt_dependencies where pgt_id = st.pgt_id and source_relid = tg_relid
    ) then
        changes := pgtrickle_lite.merge_rows(st, true);
        if changes.inserted + changes.deleted > 0 then
            perform pgtrickle_lite.announce_change(st);
        end if;
        update pgtrickle.pgt_stream_tables set last_refresh_at = now(), data_timestamp = now()
        where pgt_id = st.pgt_id;
    end if;
    return null;
end
$$;
