-- Section 11: create or replace, drop, resume, repair.

create function pgtrickle.create_or_replace_stream_table(
    name text, query text, schedule text default 'calculated', refresh_mode text default 'AUTO',
    initialize boolean default true, diamond_consistency text default null,
    diamond_schedule_policy text default null, cdc_mode text default null,
    append_only boolean default false, pooler_compatibility_mode boolean default false,
    partition_by text default null, max_differential_joins integer default null,
    max_delta_fraction double precision default null, output_distribution_column text default null,
    temporal boolean default false, storage_backend text default null
) returns void
language plpgsql as $$
#variable_conflict use_variable
declare
    st pgtrickle.pgt_stream_tables;
    mode text;
    wanted_schedule text;
    query_changed boolean;
    config_changed boolean;
begin
    if name is null then
        perform pgtrickle_lite.fail('XX000', 'argument 0 must not be null');
    elsif query is null then
        perform pgtrickle_lite.fail('XX000', 'argument 1 must not be null');
    end if;
    st := pgtrickle_lite.find(name);
    if st.pgt_id is null then
        perform pgtrickle.create_stream_table(
            name, query, schedule, refresh_mode, initialize, diamond_consistency,
            diamond_schedule_policy, cdc_mode, append_only, pooler_compatibility_mode, partition_by,
            max_differential_joins, max_delta_fraction, output_distribution_column, temporal,
            storage_backend);
        return;
    end if;
    mode := pgtrickle_lite.check_mode(refresh_mode);
    wanted_schedule := pgtrickle_lite.parse_schedule(schedule);
    query_changed := pgtrickle_lite.collapsed(
            pgtrickle_lite.rewrite(query, pgtrickle_lite.examine(query)))
        is distinct from pgtrickle_lite.collapsed(st.defining_query);
    if mode = 'AUTO' and st.refresh_mode = 'DIFFERENTIAL' then
        mode := 'DIFFERENTIAL';
    end if;
    config_changed := wanted_schedule is distinct from st.schedule
        or mode <> st.refresh_mode
        or lower(diamond_consistency) <> st.diamond_consistency
        or lower(diamond_schedule_policy) <> st.diamond_schedule_policy
        or lower(cdc_mode) is distinct from coalesce(lower(cdc_mode), st.requested_cdc_mode)
        or (cdc_mode is not null and lower(cdc_mode) is distinct from st.requested_cdc_mode)
        or append_only <> st.is_append_only
        or pooler_compatibility_mode <> st.pooler_compatibility_mode;
    if not query_changed and not coalesce(config_changed, false) then
        raise info 'Stream table % already exists with identical definition — no changes made.',
            pgtrickle_lite.full_name(st);
        return;
    end if;
    perform pgtrickle.alter_stream_table(
        name,
        query => case when query_changed then query end,
        schedule => coalesce(wanted_schedule, 'calculated'),
        refresh_mode => case when mode <> st.refresh_mode then mode end,
        diamond_consistency => diamond_consistency,
        diamond_schedule_policy => diamond_schedule_policy,
        cdc_mode => cdc_mode,
        append_only => append_only,
        pooler_compatibility_mode => pooler_compatibility_mode,
        max_differential_joins => max_differential_joins,
        max_delta_fraction => max_delta_fraction);
    raise info 'Stream table % replaced (query_changed=%, config_changed=%).',
        pgtrickle_lite.full_name(st), query_changed::text, coalesce(config_changed, false)::text;
end
$$;

create function pgtrickle.drop_stream_table(name text, cascade boolean default false) returns void
language plpgsql strict as $$
declare
    st pgtrickle.pgt_stream_tables := pgtrickle_lite.get(name);
    dependent pgtrickle.pgt_stream_tables;
    dependents text;
begin
    perform pgtrickle_lite.check_owner(st);
    select string_agg(pgtrickle_lite.full_name(reader), ', ' order by reader.pgt_id) into dependents
    from pgtrickle.pgt_dependencies as dependency
    join pgtrickle.pgt_stream_tables as reader on reader.pgt_id = dependency.pgt_id
    where dependency.source_relid = st.pgt_relid;
    if dependents is not null and not cascade then
        perform pgtrickle_lite.reject(format(
            'stream table %s has dependent stream tables: %s. Use cascade => true to drop them automatically.',
            pgtrickle_lite.full_name(st), dependents));
    end if;
    for dependent in
        select reader.* from pgtrickle.pgt_dependencies as dependency
        join pgtrickle.pgt_stream_tables as reader on reader.pgt_id = dependency.pgt_id
        where dependency.source_relid = st.pgt_relid
    loop
        continue when not exists (
            select from pgtrickle.pgt_stream_tables where pgt_id = dependent.pgt_id);
        perform pgtrickle.drop_stream_table(pgtrickle_lite.full_name(dependent), true);
    end loop;
    perform pgtrickle_lite.unbind(st.pgt_id);
    delete from pgtrickle.pgt_stream_tables where pgt_id = st.pgt_id;
    execute format(
        'drop table if exists pgtrickle_changes.%I', pgtrickle_lite.stream_table_buffer(st.pgt_id));
    -- Whatever has the name by now, as with pg_trickle: a table that was renamed stays.
    execute format('drop table if exists %I.%I cascade', st.pgt_schema, left(st.pgt_name, 63));
    raise info 'Stream table % dropped (pgt_id=%)', pgtrickle_lite.full_name(st), st.pgt_id;
end
$$;

create function pgtrickle.resume_stream_table(name text) returns void
language plpgsql strict as $$
declare
    st pgtrickle.pgt_stream_tables := pgtrickle_lite.get(name);
begin
    if st.status not in ('SUSPENDED', 'ERROR') then
        perform pgtrickle_lite.reject(format(
            'stream table %s is not suspended or in error state (current status: %s)',
            pgtrickle_lite.full_name(st), st.status));
    end if;
    update pgtrickle.pgt_stream_tables
    set status = 'ACTIVE', consecutive_errors = 0, last_error_message = null, last_error_at = null
    where pgt_id = st.pgt_id;
    raise info 'Stream table % resumed (pgt_id=%)', pgtrickle_lite.full_name(st), st.pgt_id;
end
$$;

create function pgtrickle.repair_stream_table(name text) returns text
language plpgsql strict as $$
declare
    st pgtrickle.pgt_stream_tables := pgtrickle_lite.get(name);
    source record;
    storage regclass := to_regclass(format('%I.%I', st.pgt_schema, left(st.pgt_name, 63)));
    findings text := '';
    report text;
begin
    update pgtrickle.pgt_stream_tables
    set status = 'ACTIVE', frontier = null, consecutive_errors = 0, last_error_message = null,
        last_error_at = null, needs_reinit = needs_reinit or storage is null
    where pgt_id = st.pgt_id;
    if storage is null then
        findings := 'storage_missing: marked for reinitialize; ';
    end if;
    for source in
        select dependency.source_relid, relation.oid is not null as present
        from pgtrickle.pgt_dependencies as dependency
        left join pg_class as relation on relation.oid = dependency.source_relid
        where dependency.pgt_id = st.pgt_id
    loop
        if not source.present then
            findings := findings || format(
                'dependency missing: source OID %s no longer exists; ', source.source_relid);
        elsif pgtrickle_lite.misses_triggers(source.source_relid) then
            perform pgtrickle_lite.rebuild_capture(source.source_relid, true);
            findings := findings || format('trigger rebuilt for OID %s; ', source.source_relid);
        end if;
    end loop;
    report := format(
        'repair_stream_table(%s): frontier reset: scheduled full refresh on next cycle; %s'
        'status reset: ACTIVE, errors cleared', pgtrickle_lite.full_name(st), findings);
    raise info '%', report;
    return report;
end
$$;
