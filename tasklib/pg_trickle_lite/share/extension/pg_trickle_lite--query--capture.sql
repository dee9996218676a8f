-- Section 4: change capture. Four statement triggers on a source write what changed into its buffer. A stream
-- table compares the buffer with the snapshot of its last refresh; the rows themselves are recomputed.

create function pgtrickle.source_stable_name(source_oid oid) returns text
language sql stable as $$
    select left(md5(namespace.nspname || '.' || source.relname), 16)
    from pg_class as source
    join pg_namespace as namespace on namespace.oid = source.relnamespace
    where source.oid = source_oid
$$;

create function pgtrickle_lite.stream_table_buffer(pgt_id bigint) returns text
language sql immutable as $$ select 'changes_pgt_' || pgt_id $$;

create function pgtrickle_lite.buffer_relid(buffer text) returns oid
language sql stable as $$
    select oid from pg_class
    where relnamespace = 'pgtrickle_changes'::regnamespace and relname = buffer
$$;

create function pgtrickle_lite.create_buffer(buffer text) returns void
language plpgsql as $$
begin
    if pgtrickle_lite.buffer_relid(buffer) is not null then
        return;
    end if;
    execute format(
        'create table pgtrickle_changes.%I ('
        'change_id bigint not null default nextval(''pgtrickle_lite.change_order''), '
        'lsn pg_lsn not null default pg_current_wal_insert_lsn(), action char(1) not null, '
        '__pgt_xid xid8 not null default pg_current_xact_id())', buffer);
    execute format('create index on pgtrickle_changes.%I (__pgt_xid)', buffer);
end
$$;

-- The columns of a source that its stream tables read, and its primary key; all of them if one of these
-- doesn't name any (count(*), a whole row).
create function pgtrickle_lite.captured_columns(source oid) returns text[]
language sql stable as $$
    select array_agg(attribute.attname::text order by attribute.attnum)
    from pg_attribute as attribute
    where attribute.attrelid = source and attribute.attnum > 0 and not attribute.attisdropped
        and attribute.attgenerated <> 'v'
        and (
            exists (
                select from pgtrickle.pgt_dependencies as dependency
                where dependency.source_relid = source
                    and (dependency.columns_used is null
                         or attribute.attname = any (dependency.columns_used))
            )
            or exists (
                select from pg_index as index
                where index.indrelid = source and index.indisprimary
                    and attribute.attnum = any (index.indkey)
            )
        )
$$;

-- A buffer has columns of its own: a source's of the same name is kept under another, as pg_trickle does.
create function pgtrickle_lite.kept_as(name text) returns text
language sql immutable as $$
    select case
        when name in ('change_id', 'lsn', 'action', 'pk_hash', 'changed_cols') then '__usr_' || name
        else name
    end
$$;

create function pgtrickle_lite.extend_buffer(buffer text, source oid) returns void
language plpgsql as $$
declare
    wanted record;
begin
    for wanted in
        select pgtrickle_lite.kept_as(attribute.attname) as attname,
            format_type(attribute.atttypid, attribute.atttypmod) as type
        from pg_attribute as attribute
        where attribute.attrelid = source
            and attribute.attname = any (pgtrickle_lite.captured_columns(source))
            and not exists (
                select from pg_attribute as present
                where present.attrelid = pgtrickle_lite.buffer_relid(buffer)
                    and present.attname = pgtrickle_lite.kept_as(attribute.attname)
                    and not present.attisdropped)
        order by attribute.attnum
    loop
        execute format(
            'alter table pgtrickle_changes.%I add column %I %s', buffer, wanted.attname, wanted.type);
    end loop;
end
$$;

create function pgtrickle_lite.capture_name(operation text, infix text, stable_name text) returns text
language sql immutable as $$ select 'pg_trickle_cdc_' || operation || infix || stable_name $$;

create function pgtrickle_lite.create_capture_functions(source oid, stable_name text) returns void
language plpgsql as $$
declare
    columns text := (
        select string_agg(quote_ident(name), ', ')
        from unnest(pgtrickle_lite.captured_columns(source)) as name);
    kept text := (
        select string_agg(quote_ident(pgtrickle_lite.kept_as(name)), ', ')
        from unnest(pgtrickle_lite.captured_columns(source)) as name);
    buffer text := quote_ident('changes_' || stable_name);
    operation record;
begin
    for operation in
        select * from (values
            ('ins', array['I:__pgt_new']),
            ('upd', array['D:__pgt_old', 'I:__pgt_new']),
            ('del', array['D:__pgt_old']),
            ('truncate', array[]::text[])
        ) as operations (abbreviation, written)
    loop
        execute format(
            'create or replace function pgtrickle_changes.%I() returns trigger language plpgsql '
            'security definer set search_path = pgtrickle_changes, pg_catalog, pg_temp as %L',
            pgtrickle_lite.capture_name(operation.abbreviation, '_fn_', stable_name),
            'begin if current_setting(''pg_trickle.cdc_paused'', true) = ''on'' then return null; end if; '
            || coalesce(
                (
                    select string_agg(format(
                        'insert into pgtrickle_changes.%s (action, %s) select %L, %s from %s; ',
                        buffer, kept, split_part(part, ':', 1), columns, split_part(part, ':', 2)), '')
                    from unnest(operation.written) as part
                ),
                format('insert into pgtrickle_changes.%s (action) values (''T''); ', buffer))
            || 'return null; end');
    end loop;
end
$$;

create function pgtrickle_lite.create_capture_triggers(
    source oid, stable_name text, with_truncate boolean
) returns void
language plpgsql as $$
declare
    operation record;
begin
    perform pgtrickle_lite.create_capture_functions(source, stable_name);
    for operation in
        select * from (values
            ('ins', 'insert', 'referencing new table as __pgt_new'),
            ('upd', 'update', 'referencing old table as __pgt_old new table as __pgt_new'),
            ('del', 'delete', 'referencing old table as __pgt_old'),
            ('truncate', 'truncate', '')
        ) as operations (abbreviation, event, transition)
        where abbreviation <> 'truncate' or with_truncate
    loop
        execute format(
            'create or replace trigger %I after %s on %s %s for each statement '
            'execute function pgtrickle_changes.%I()',
            pgtrickle_lite.capture_name(operation.abbreviation, '_', stable_name),
            operation.event, source::regclass, operation.transition,
            pgtrickle_lite.capture_name(operation.abbreviation, '_fn_', stable_name));
    end loop;
end
$$;

-- Watch a source for a stream table. A buffer left behind by an earlier one on a source of the same name is
-- taken as it is, columns and all: that is pg_trickle's own trap, which blocks every write to the source.
create function pgtrickle_lite.track(source oid, for_pgt_id bigint) returns void
language plpgsql as $$
declare
    name text := pgtrickle.source_stable_name(source);
    known pgtrickle.pgt_change_tracking;
begin
    select * into known from pgtrickle.pgt_change_tracking where source_relid = source for update;
    if known.source_relid is null then
        if pgtrickle_lite.buffer_relid('changes_' || name) is null then
            perform pgtrickle_lite.create_buffer('changes_' || name);
            perform pgtrickle_lite.extend_buffer('changes_' || name, source);
        end if;
        insert into pgtrickle.pgt_change_tracking (
            source_relid, slot_name, tracked_by_pgt_ids, source_stable_name)
        values (source, 'pg_trickle_cdc_ins_' || name, array[for_pgt_id], name);
        perform pgtrickle_lite.create_capture_triggers(source, name, true);
        return;
    end if;
    update pgtrickle.pgt_change_tracking
    set tracked_by_pgt_ids = array_append(array_remove(tracked_by_pgt_ids, for_pgt_id), for_pgt_id)
    where source_relid = source;
    -- Triggers that are disabled or gone stay so: nobody looks.
    perform pgtrickle_lite.extend_buffer('changes_' || known.source_stable_name, source);
    perform pgtrickle_lite.create_capture_functions(source, known.source_stable_name);
end
$$;

-- Buffer and triggers anew for the columns that are wanted now.
create function pgtrickle_lite.rebuild_capture(source oid, with_truncate boolean) returns void
language plpgsql as $$
declare
    name text;
begin
    select source_stable_name into name
    from pgtrickle.pgt_change_tracking as tracking
    join pg_class as relation on relation.oid = tracking.source_relid
    where tracking.source_relid = source;
    if name is null or pgtrickle_lite.captured_columns(source) is null then
        return;
    end if;
    perform pgtrickle_lite.create_buffer('changes_' || name);
    perform pgtrickle_lite.extend_buffer('changes_' || name, source);
    perform pgtrickle_lite.create_capture_triggers(source, name, with_truncate);
end
$$;

create function pgtrickle_lite.misses_triggers(source oid) returns boolean
language sql stable as $$
    select count(trigger.oid) < 4
    from pgtrickle.pgt_change_tracking as tracking
    cross join unnest(array['ins', 'upd', 'del', 'truncate']) as operation
    left join pg_trigger as trigger
        on trigger.tgrelid = tracking.source_relid
        and trigger.tgname = pgtrickle_lite.capture_name(operation, '_', tracking.source_stable_name)
    where tracking.source_relid = source
    having count(*) > 0
$$;

-- Forget a source for a stream table; with its last one the triggers go and the buffer stays.
create function pgtrickle_lite.untrack(source oid, for_pgt_id bigint) returns void
language plpgsql as $$
declare
    known pgtrickle.pgt_change_tracking;
    operation text;
begin
    update pgtrickle.pgt_change_tracking
    set tracked_by_pgt_ids = array_remove(tracked_by_pgt_ids, for_pgt_id)
    where source_relid = source
    returning * into known;
    if known.source_relid is null or cardinality(known.tracked_by_pgt_ids) > 0 then
        return;
    end if;
    delete from pgtrickle.pgt_change_tracking where source_relid = source;
    foreach operation in array array['ins', 'upd', 'del', 'truncate'] loop
        if exists (
            select from pg_trigger where tgrelid = source
                and tgname = pgtrickle_lite.capture_name(operation, '_', known.source_stable_name)
        ) then
            execute format(
                'drop trigger %I on %s',
                pgtrickle_lite.capture_name(operation, '_', known.source_stable_name), source::regclass);
        end if;
        -- A source of the same name that replaced this one has its triggers on the same functions.
        if not exists (
            select from pgtrickle.pgt_change_tracking as other
            where other.source_stable_name = known.source_stable_name
        ) then
            execute format(
                'drop function if exists pgtrickle_changes.%I() cascade',
                pgtrickle_lite.capture_name(operation, '_fn_', known.source_stable_name));
        end if;
    end loop;
end
$$;

create function pgtrickle.rebuild_cdc_triggers() returns text
language plpgsql as $$
declare
    tracked record;
begin
    for tracked in select source_relid from pgtrickle.pgt_change_tracking loop
        -- Not the trigger for TRUNCATE, which pg_trickle forgets here.
        perform pgtrickle_lite.rebuild_capture(tracked.source_relid, false);
    end loop;
    return 'done';
end
$$;
