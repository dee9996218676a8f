-- Section 8: binding. What a stream table reads, and the triggers that this takes.

create function pgtrickle_lite.add_immediate_triggers(source oid, for_pgt_id bigint) returns void
language plpgsql as $$
declare
    operation record;
begin
    for operation in
        select * from (values
            ('insert', 'ins'), ('update', 'upd'), ('delete', 'del'), ('truncate', 'trunc')
        ) as operations (event, abbreviation)
    loop
        execute format(
            'create or replace trigger %I before %s on %s for each statement '
            'execute function pgtrickle_lite.take_turn(%L)',
            format('pgt_ivm_before_%s_%s', operation.event, for_pgt_id), operation.event,
            source::regclass, for_pgt_id);
        execute format(
            'create or replace trigger %I after %s on %s for each statement '
            'execute function pgtrickle_lite.maintain(%L)',
            format('pgt_ivm_after_%s_%s', operation.abbreviation, for_pgt_id), operation.event,
            source::regclass, for_pgt_id);
    end loop;
end
$$;

create function pgtrickle_lite.drop_immediate_triggers(for_pgt_id bigint) returns void
language plpgsql as $$
declare
    found_trigger record;
    gone oid := (
        select dependency.source_relid
        from pgtrickle.pgt_dependencies as dependency
        join pgtrickle.pgt_stream_tables as st on st.pgt_id = dependency.pgt_id
        where st.pgt_id = for_pgt_id and st.refresh_mode = 'IMMEDIATE'
            and dependency.source_type = 'TABLE'
            and not exists (select from pg_class where oid = dependency.source_relid)
        limit 1);
begin
    if gone is not null then
        perform pgtrickle_lite.fail('42601', format('syntax error at or near "%s"', gone));
    end if;
    for found_trigger in
        select trigger.tgname, trigger.tgrelid
        from pgtrickle.pgt_dependencies as dependency
        join pg_trigger as trigger on trigger.tgrelid = dependency.source_relid
        where dependency.pgt_id = for_pgt_id
            and trigger.tgname ~ format('^pgt_ivm_(before|after)_[a-z]+_%s$', for_pgt_id)
    loop
        execute format(
            'drop trigger %I on %s', found_trigger.tgname, found_trigger.tgrelid::regclass);
    end loop;
end
$$;

create function pgtrickle_lite.unbind(for_pgt_id bigint) returns void
language plpgsql as $$
declare
    source oid;
begin
    perform pgtrickle_lite.drop_immediate_triggers(for_pgt_id);
    for source in
        select source_relid from pgtrickle.pgt_dependencies
        where pgt_id = for_pgt_id and source_type = 'TABLE'
    loop
        perform pgtrickle_lite.untrack(source, for_pgt_id);
    end loop;
    delete from pgtrickle.pgt_dependencies where pgt_id = for_pgt_id;
end
$$;

create function pgtrickle_lite.column_snapshot(source oid) returns jsonb
language sql stable as $$
    select jsonb_build_object('columns', jsonb_agg(jsonb_build_object(
        'name', attname, 'ordinal', attnum, 'type_oid', atttypid::bigint) order by attnum))
    from pg_attribute
    where attrelid = source and attnum > 0 and not attisdropped
$$;

create function pgtrickle_lite.refuse_cycle(st pgtrickle.pgt_stream_tables) returns void
language plpgsql as $$
declare
    path text;
begin
    with recursive upstream as (
        select parent.pgt_id, parent.pgt_relid, pgtrickle_lite.full_name(parent) as path
        from pgtrickle.pgt_dependencies as dependency
        join pgtrickle.pgt_stream_tables as parent on parent.pgt_relid = dependency.source_relid
        where dependency.pgt_id = st.pgt_id
        union
        select parent.pgt_id, parent.pgt_relid, upstream.path || ' -> ' || pgtrickle_lite.full_name(parent)
        from upstream
        join pgtrickle.pgt_dependencies as dependency on dependency.pgt_id = upstream.pgt_id
        join pgtrickle.pgt_stream_tables as parent on parent.pgt_relid = dependency.source_relid
        where upstream.pgt_id <> st.pgt_id
    )
    select upstream.path into path from upstream where upstream.pgt_id = st.pgt_id limit 1;
    if found then
        perform pgtrickle_lite.fail('42P15', 'cycle detected in dependency graph: ' || path);
    end if;
end
$$;

-- Write down what a stream table reads, as it is now, and watch that.
create function pgtrickle_lite.bind(st pgtrickle.pgt_stream_tables, shape pgtrickle_lite.query_shape)
returns void
language plpgsql as $$
declare
    source record;
    formerly oid[] := array(
        select source_relid from pgtrickle.pgt_dependencies
        where pgt_id = st.pgt_id and source_type = 'TABLE');
begin
    perform pgtrickle_lite.drop_immediate_triggers(st.pgt_id);
    delete from pgtrickle.pgt_dependencies where pgt_id = st.pgt_id;
    insert into pgtrickle.pgt_dependencies (
        pgt_id, source_relid, source_type, columns_used, column_snapshot, schema_fingerprint)
    select
        st.pgt_id, relation.oid,
        case
            when upstream.pgt_id is not null then 'STREAM_TABLE'
            when relation.relkind = 'v' then 'VIEW'
            when relation.relkind = 'm' then 'MATVIEW'
            when relation.relkind = 'f' then 'FOREIGN_TABLE'
            else 'TABLE'
        end,
        case when item -> 'columns' <> 'null' and relation.relkind <> 'v' then
            array(select jsonb_array_elements_text(item -> 'columns')) end,
        case when relation.relkind in ('r', 'p') then pgtrickle_lite.column_snapshot(relation.oid) end,
        md5(pgtrickle_lite.column_snapshot(relation.oid)::text)
    from jsonb_array_elements(shape.sources) as item
    join pg_class as relation on relation.oid = (item ->> 'relid')::bigint::oid
    left join pgtrickle.pgt_stream_tables as upstream on upstream.pgt_relid = relation.oid
    -- A view inside a view is not written down, so nobody learns of its changes.
    where relation.relkind <> 'v' or (item ->> 'direct')::boolean;
    perform pgtrickle_lite.refuse_cycle(st);
    for source in
        select dependency.source_relid, dependency.source_type, upstream.pgt_id as upstream_id
        from pgtrickle.pgt_dependencies as dependency
        left join pgtrickle.pgt_stream_tables as upstream on upstream.pgt_relid = dependency.source_relid
        where dependency.pgt_id = st.pgt_id and dependency.source_type in ('TABLE', 'STREAM_TABLE')
        order by dependency.source_relid
    loop
        if st.refresh_mode = 'IMMEDIATE' then
            perform pgtrickle_lite.add_immediate_triggers(source.source_relid, st.pgt_id);
        elsif source.source_type = 'TABLE' then
            perform pgtrickle_lite.track(source.source_relid, st.pgt_id);
        else
            -- A refresh under way would not know that it has a reader.
            perform pg_advisory_xact_lock(pgtrickle_lite.lock_space(), source.upstream_id::integer);
            perform pgtrickle_lite.create_buffer(
                pgtrickle_lite.stream_table_buffer(source.upstream_id));
        end if;
    end loop;
    for source in
        select former as source_relid from unnest(formerly) as former
        where st.refresh_mode = 'IMMEDIATE' or not exists (
            select from pgtrickle.pgt_dependencies as dependency
            where dependency.pgt_id = st.pgt_id and dependency.source_relid = former)
    loop
        perform pgtrickle_lite.untrack(source.source_relid, st.pgt_id);
    end loop;
end
$$;
