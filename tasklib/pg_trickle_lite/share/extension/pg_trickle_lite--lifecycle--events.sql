-- Section 12: what happens to sources and storage behind our back.
-- Event triggers run as whoever issues the DDL, who needs no right on our catalog: hence SECURITY DEFINER.

create function pgtrickle_lite.on_drop() returns event_trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
    update pgtrickle.pgt_stream_tables as st
    set status = 'ERROR', updated_at = now()
    from pg_event_trigger_dropped_objects() as dropped
    join pgtrickle.pgt_dependencies as dependency on dependency.source_relid = dropped.objid
    where dropped.classid = 'pg_class'::regclass and dropped.objsubid = 0
        and dependency.source_type <> 'STREAM_TABLE'
        and st.pgt_id = dependency.pgt_id;
    delete from pgtrickle.pgt_stream_tables as st
    using pg_event_trigger_dropped_objects() as dropped
    where dropped.classid = 'pg_class'::regclass and dropped.objsubid = 0
        and st.pgt_relid = dropped.objid;
end
$$;

-- Columns of a source by number and type: a rename is not noticed, as with pg_trickle.
create function pgtrickle_lite.on_source_altered(source oid, identity text) returns void
language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
    was jsonb;
    lost boolean;
    gained boolean;
begin
    select dependency.column_snapshot -> 'columns' into was
    from pgtrickle.pgt_dependencies as dependency
    where dependency.source_relid = source and dependency.column_snapshot is not null limit 1;
    if not found then
        return;
    end if;
    with before as (
        select (item ->> 'ordinal')::integer as ordinal, (item ->> 'type_oid')::bigint as type
        from jsonb_array_elements(was) as item
    ), after as (
        select attnum::integer as ordinal, atttypid::bigint as type from pg_attribute
        where attrelid = source and attnum > 0 and not attisdropped
    )
    select
        exists (table before except table after),
        exists (table after except table before)
    into lost, gained;
    if not lost and not gained then
        -- pg_trickle looks into a change buffer that IMMEDIATE stream tables don't have.
        if was = pgtrickle_lite.column_snapshot(source) -> 'columns' and not exists (
            select from pgtrickle.pgt_dependencies as dependency
            join pgtrickle.pgt_stream_tables as st on st.pgt_id = dependency.pgt_id
            where dependency.source_relid = source and st.refresh_mode <> 'IMMEDIATE'
        ) then
            perform pgtrickle_lite.fail('42P01', format(
                'relation "pgtrickle_changes.changes_%s" does not exist', source));
        end if;
        return;
    elsif coalesce(current_setting('pg_trickle.block_source_ddl', true), 'on') not in ('off', 'false', '0') then
        perform pgtrickle_lite.fail('XX000', format(
            'pg_trickle: ALTER TABLE on %s blocked — column-affecting DDL is not allowed while '
            'pg_trickle.block_source_ddl = true (the default). To proceed: '
            'SET pg_trickle.block_source_ddl = false, run the DDL, alter the stream tables, and set it back.',
            identity));
    end if;
    if lost then
        update pgtrickle.pgt_stream_tables as st set needs_reinit = true
        from pgtrickle.pgt_dependencies as dependency
        where dependency.source_relid = source and st.pgt_id = dependency.pgt_id;
    end if;
    update pgtrickle.pgt_dependencies set column_snapshot = pgtrickle_lite.column_snapshot(source)
    where source_relid = source;
    perform pgtrickle_lite.rebuild_capture(source, false);
end
$$;

create function pgtrickle_lite.on_ddl() returns event_trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
    command record;
begin
    if current_setting('pg_trickle.internal_refresh', true) = 'true' then
        return;
    end if;
    for command in
        select objid, object_identity, command_tag from pg_event_trigger_ddl_commands()
        where classid = 'pg_class'::regclass and command_tag in ('ALTER TABLE', 'CREATE VIEW', 'ALTER VIEW')
    loop
        if command.command_tag <> 'ALTER TABLE' then
            update pgtrickle.pgt_stream_tables as st set needs_reinit = true
            from pgtrickle.pgt_dependencies as dependency
            where dependency.source_relid = command.objid and st.pgt_id = dependency.pgt_id;
        else
            perform pgtrickle_lite.on_source_altered(command.objid, command.object_identity);
        end if;
    end loop;
end
$$;

create event trigger pg_trickle_drop_tracker on sql_drop
    execute function pgtrickle_lite.on_drop();
create event trigger pg_trickle_ddl_tracker on ddl_command_end
    when tag in ('ALTER TABLE', 'CREATE VIEW', 'ALTER VIEW')
    execute function pgtrickle_lite.on_ddl();
