-- Section 10: alter.

create function pgtrickle_lite.check_owner(st pgtrickle.pgt_stream_tables) returns void
language plpgsql as $$
begin
    if not exists (
        select from pg_class where oid = st.pgt_relid and pg_has_role(relowner, 'usage')
    ) then
        perform pgtrickle_lite.fail(
            '42501', 'permission denied: must be owner of stream table ' || pgtrickle_lite.full_name(st));
    end if;
end
$$;

-- Give the storage table the columns of a new query. A type that doesn't cast by itself means another table,
-- without the old one's views, indexes and grants, and unknown to the stream tables on it.
create function pgtrickle_lite.migrate_storage(
    st pgtrickle.pgt_stream_tables, shape pgtrickle_lite.query_shape
) returns oid
language plpgsql
set pg_trickle.internal_refresh = 'true' as $$
declare
    storage oid := pgtrickle_lite.storage(st);
    wanted record;
    gone text;
begin
    if exists (
        select from unnest(shape.column_names, shape.column_types) as c (name, type)
        join pg_attribute as attribute
            on attribute.attrelid = storage and attribute.attname = c.name
            and not attribute.attisdropped
        where attribute.atttypid <> c.type::regtype
            and not exists (
                select from pg_cast
                where castsource = attribute.atttypid and casttarget = c.type::regtype
                    and castcontext = 'i')
    ) then
        return pgtrickle_lite.rebuild_storage(st, shape);
    end if;
    for gone in
        select old.name from unnest(pgtrickle_lite.storage_columns(storage)) as old (name)
        where old.name <> all (shape.column_names)
    loop
        execute format('alter table %s drop column %I', storage::regclass, gone);
    end loop;
    if not shape.needs_count and pgtrickle_lite.has_count(storage) then
        execute format('alter table %s drop column __pgt_count', storage::regclass);
    end if;
    for wanted in
        select c.name, c.type
        from unnest(shape.column_names, shape.column_types) with ordinality as c (name, type, place)
        where c.name <> all (pgtrickle_lite.storage_columns(storage))
        order by c.place
    loop
        execute format(
            'alter table %s add column %I %s', storage::regclass, wanted.name, wanted.type);
    end loop;
    if shape.needs_count and st.refresh_mode <> 'FULL'
            and not pgtrickle_lite.has_count(storage) then
        execute format(
            'alter table %s add column __pgt_count bigint not null default 0', storage::regclass);
    end if;
    return storage;
end
$$;

create function pgtrickle_lite.rebuild_storage(
    st pgtrickle.pgt_stream_tables, shape pgtrickle_lite.query_shape
) returns oid
language plpgsql as $$
declare
    new_relid oid;
begin
    -- Out of sight of the event trigger, which would take the stream table for dropped.
    update pgtrickle.pgt_stream_tables set pgt_relid = 0 where pgt_id = st.pgt_id;
    execute format('drop table %s cascade', pgtrickle_lite.storage(st)::regclass);
    new_relid := pgtrickle_lite.create_storage(
        st.pgt_schema, st.pgt_name, shape, shape.needs_count and st.refresh_mode <> 'FULL',
        st.temporal_mode, st.st_partition_key, st.has_keyless_source);
    update pgtrickle.pgt_stream_tables set pgt_relid = new_relid where pgt_id = st.pgt_id;
    return new_relid;
end
$$;

create function pgtrickle_lite.replace_query(st pgtrickle.pgt_stream_tables, query text) returns void
language plpgsql as $$
declare
    shape pgtrickle_lite.query_shape;
    rewritten text;
    old_columns text[] := pgtrickle_lite.storage_columns(pgtrickle_lite.storage(st));
begin
    perform pgtrickle_lite.check_owner(st);
    shape := pgtrickle_lite.examine(query);
    perform pgtrickle_lite.resolve_mode(pgtrickle_lite.full_name(st), st.refresh_mode, query, shape);
    perform pgtrickle_lite.warn_about(query, shape);
    rewritten := pgtrickle_lite.rewrite(query, shape);
    perform pgtrickle_lite.migrate_storage(st, shape);
    update pgtrickle.pgt_stream_tables
    set defining_query = rewritten, original_query = nullif(query, rewritten),
        defining_query_hash = hashtextextended(rewritten, 0), topk_limit = shape.row_limit,
        topk_order_by = shape.order_by, topk_offset = shape.row_offset,
        has_keyless_source = pgtrickle_lite.has_keyless_source(shape)
    where pgt_id = st.pgt_id
    returning * into st;
    perform pgtrickle_lite.bind(st, shape);
    perform pgtrickle_lite.fill(st.pgt_id, shape);
    raise warning 'pg_trickle: stream table % ALTER QUERY applied a full refresh (schema change: %).',
        pgtrickle_lite.full_name(st),
        case when old_columns = shape.column_names then 'same' else 'compatible' end;
end
$$;

create function pgtrickle_lite.replace_mode(st pgtrickle.pgt_stream_tables, mode text) returns void
language plpgsql as $$
declare
    old_mode text := st.refresh_mode;
    shape pgtrickle_lite.query_shape := pgtrickle_lite.examine(pgtrickle_lite.written_query(st));
begin
    -- AUTO and INCREMENTAL are stored as they are given, and the catalog's check refuses them.
    if mode in ('FULL', 'DIFFERENTIAL', 'IMMEDIATE') then
        perform pgtrickle_lite.resolve_mode(
            pgtrickle_lite.full_name(st), mode, pgtrickle_lite.written_query(st), shape);
    end if;
    update pgtrickle.pgt_stream_tables
    set refresh_mode = mode,
        schedule = case when mode = 'IMMEDIATE' then null else pgt_stream_tables.schedule end
    where pgt_id = st.pgt_id
    returning * into st;
    perform pgtrickle_lite.bind(st, shape);
    perform pgtrickle_lite.fill(st.pgt_id, shape);
    raise warning
        'pg_trickle: stream table % refresh mode changed from % to %; a full refresh was applied.',
        pgtrickle_lite.full_name(st), old_mode, mode;
end
$$;

create function pgtrickle.alter_stream_table(
    name text, query text default null, schedule text default null, refresh_mode text default null,
    status text default null, diamond_consistency text default null,
    diamond_schedule_policy text default null, cdc_mode text default null,
    append_only boolean default null, pooler_compatibility_mode boolean default null,
    tier text default null, fuse text default null, fuse_ceiling bigint default null,
    fuse_sensitivity integer default null, partition_by text default null,
    max_differential_joins integer default null, max_delta_fraction double precision default null,
    post_refresh_action text default null, reindex_drift_threshold double precision default null,
    sink text default null, ducklake_sink_path text default null,
    ducklake_sink_table_id bigint default null
) returns void
language plpgsql as $$
#variable_conflict use_variable
declare
    st pgtrickle.pgt_stream_tables;
    mode text;
begin
    if name is null then
        perform pgtrickle_lite.fail('XX000', 'argument 0 must not be null');
    end if;
    st := pgtrickle_lite.get(name);
    perform pgtrickle_lite.check_owner(st);
    if sink is not null or ducklake_sink_path is not null or ducklake_sink_table_id is not null then
        perform pgtrickle_lite.fail('0A000', 'pg_trickle_lite has no sinks');
    elsif status is not null and upper(status) not in ('INITIALIZING', 'ACTIVE', 'SUSPENDED', 'ERROR') then
        perform pgtrickle_lite.reject('unknown status: ' || upper(status));
    elsif fuse_ceiling <= 0 then
        perform pgtrickle_lite.reject('fuse_ceiling must be a positive integer');
    elsif fuse_sensitivity <= 0 then
        perform pgtrickle_lite.reject('fuse_sensitivity must be a positive integer');
    elsif max_differential_joins < 0 then
        perform pgtrickle_lite.reject(
            'max_differential_joins must be a non-negative integer (0 disables the limit)');
    elsif max_delta_fraction < 0 then
        perform pgtrickle_lite.reject(
            'max_delta_fraction must be a non-negative number (0 disables the limit)');
    end if;
    if query is not null then
        perform pgtrickle_lite.replace_query(st, query);
        st := pgtrickle_lite.get(name);
    end if;
    if schedule is not null then
        st.schedule := pgtrickle_lite.parse_schedule(schedule);
        update pgtrickle.pgt_stream_tables as stored set schedule = st.schedule
        where stored.pgt_id = st.pgt_id;
    end if;
    if refresh_mode is not null then
        mode := pgtrickle_lite.check_mode(refresh_mode);
        if mode <> st.refresh_mode then
            perform pgtrickle_lite.replace_mode(st, mode);
            st := pgtrickle_lite.get(name);
        end if;
    end if;
    if partition_by is not null then
        perform pgtrickle_lite.repartition(st, nullif(partition_by, ''));
    end if;
    st.diamond_consistency := coalesce(pgtrickle_lite.check_word(
        'diamond_consistency', diamond_consistency, 'none', 'atomic'), st.diamond_consistency);
    st.diamond_schedule_policy := coalesce(pgtrickle_lite.check_word(
        'diamond_schedule_policy', diamond_schedule_policy, 'fastest', 'slowest'), st.diamond_schedule_policy);
    perform pgtrickle_lite.check_diamond(st.diamond_consistency, st.diamond_schedule_policy);
    update pgtrickle.pgt_stream_tables as stored
    -- Any change that goes through takes a stream table out of ERROR.
    set status = coalesce(upper(status), case stored.status when 'ERROR' then 'ACTIVE' else stored.status end),
        diamond_consistency = st.diamond_consistency,
        diamond_schedule_policy = st.diamond_schedule_policy,
        requested_cdc_mode = coalesce(
            pgtrickle_lite.check_cdc_mode(cdc_mode, stored.refresh_mode), stored.requested_cdc_mode),
        is_append_only = coalesce(append_only, stored.is_append_only),
        pooler_compatibility_mode = coalesce(pooler_compatibility_mode, stored.pooler_compatibility_mode),
        refresh_tier = coalesce(
            pgtrickle_lite.check_word('tier', tier, 'hot', 'warm', 'cold', 'frozen'), stored.refresh_tier),
        fuse_mode = coalesce(pgtrickle_lite.check_word('fuse', fuse, 'off', 'on', 'auto'), stored.fuse_mode),
        fuse_ceiling = coalesce(fuse_ceiling, stored.fuse_ceiling),
        fuse_sensitivity = coalesce(fuse_sensitivity, stored.fuse_sensitivity),
        max_differential_joins = nullif(coalesce(max_differential_joins, stored.max_differential_joins), 0),
        max_delta_fraction = nullif(coalesce(max_delta_fraction, stored.max_delta_fraction), 0),
        post_refresh_action = coalesce(
            pgtrickle_lite.check_word('post_refresh_action', post_refresh_action,
                'none', 'analyze', 'reindex', 'reindex_if_drift'), stored.post_refresh_action),
        reindex_drift_threshold = coalesce(reindex_drift_threshold, stored.reindex_drift_threshold),
        updated_at = now()
    where stored.pgt_id = st.pgt_id;
end
$$;

create function pgtrickle_lite.repartition(st pgtrickle.pgt_stream_tables, key text) returns void
language plpgsql as $$
declare
    shape pgtrickle_lite.query_shape := pgtrickle_lite.examine(pgtrickle_lite.written_query(st));
begin
    update pgtrickle.pgt_stream_tables set st_partition_key = key
    where pgt_id = st.pgt_id returning * into st;
    raise warning 'pg_trickle: ALTER partition_by on % requires full storage rebuild.',
        pgtrickle_lite.full_name(st);
    perform pgtrickle_lite.rebuild_storage(st, shape);
    perform pgtrickle_lite.fill(st.pgt_id, shape);
end
$$;
