-- Section 5: changes. What a stream table has not seen yet.
-- A buffer belongs to whoever made the first stream table on its source, and others read it too: hence the
-- functions on buffers are SECURITY DEFINER.

-- Where a stream table is: the snapshot of its refresh, and how far its own transaction had come by then.
create function pgtrickle_lite.current_frontier() returns jsonb
language sql volatile as $$
    select jsonb_build_object(
        'snapshot', pg_current_snapshot()::text,
        'transaction', pg_current_xact_id()::text,
        'change_order', nextval('pgtrickle_lite.change_order'))
$$;

-- The captured sources that changed since by one of some actions (I, D, T). One index probe a source.
create function pgtrickle_lite.changed_sources(
    st pgtrickle.pgt_stream_tables, variadic actions "char"[] default '{I,D,T}'
) returns setof oid
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    source record;
    changed boolean;
begin
    for source in
        select dependency.source_relid, coalesce(
            pgtrickle_lite.stream_table_buffer(upstream.pgt_id),
            'changes_' || tracking.source_stable_name) as buffer
        from pgtrickle.pgt_dependencies as dependency
        left join pgtrickle.pgt_stream_tables as upstream on upstream.pgt_relid = dependency.source_relid
        left join pgtrickle.pgt_change_tracking as tracking
            on tracking.source_relid = dependency.source_relid
        where dependency.pgt_id = st.pgt_id and dependency.source_type in ('TABLE', 'STREAM_TABLE')
    loop
        continue when pgtrickle_lite.buffer_relid(source.buffer) is null;
        -- A snapshot doesn't list its own transaction, which may go on writing: the order tells there.
        execute format(
            'select exists (select from pgtrickle_changes.%I as change '
            'where change.__pgt_xid >= pg_snapshot_xmin($1) and change.action = any ($4) '
            'and case change.__pgt_xid when $2 then change.change_id >= $3 '
            'else not pg_visible_in_snapshot(change.__pgt_xid, $1) end)', source.buffer)
        into changed
        using (st.frontier ->> 'snapshot')::pg_snapshot, (st.frontier ->> 'transaction')::xid8,
            (st.frontier ->> 'change_order')::bigint, actions;
        if changed then
            return next source.source_relid;
        end if;
    end loop;
end
$$;

create function pgtrickle_lite.has_pending_changes(st pgtrickle.pgt_stream_tables) returns boolean
language sql as $$
    select st.frontier is null or st.needs_reinit
        or exists (
            -- Sources that nobody watches, and a stream table that is no longer there.
            select from pgtrickle.pgt_dependencies as dependency
            where dependency.pgt_id = st.pgt_id and (
                dependency.source_type in ('MATVIEW', 'FOREIGN_TABLE')
                or (dependency.source_type = 'STREAM_TABLE' and not exists (
                    select from pgtrickle.pgt_stream_tables where pgt_relid = dependency.source_relid)))
        )
        or exists (select from pgtrickle_lite.changed_sources(st))
$$;

-- Drop the rows that every reader of a buffer has seen; leave those that another session is dropping.
create function pgtrickle_lite.clean_buffer(source oid, buffer text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    execute format(
        'delete from pgtrickle_changes.%1$I where ctid = any (array('
        'select ctid from pgtrickle_changes.%1$I where __pgt_xid < ('
        'select min(pg_snapshot_xmin((reader.frontier ->> ''snapshot'')::pg_snapshot)) '
        'from pgtrickle.pgt_dependencies as dependency '
        'join pgtrickle.pgt_stream_tables as reader on reader.pgt_id = dependency.pgt_id '
        'where dependency.source_relid = $1 and reader.refresh_mode <> ''IMMEDIATE'' '
        'and reader.frontier is not null) for update skip locked))', buffer)
    using source;
end
$$;
