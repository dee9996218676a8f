-- Section 7: lifecycle. Create, alter, replace, drop, resume, repair.

-- The mode to store for the mode asked for. AUTO falls back to FULL only where pg_trickle does.
create function pgtrickle_lite.resolve_mode(
    qualified text, asked text, shape pgtrickle_lite.query_shape
) returns text
language plpgsql as $$
declare
    mode text := case asked when 'AUTO' then 'DIFFERENTIAL' when 'INCREMENTAL' then 'DIFFERENTIAL' else asked end;
    prefix text := 'unsupported operator for DIFFERENTIAL mode: ';
    obstacle text;
begin
    if shape.unsupported is not null then
        perform pgtrickle_lite.fail('0A000', prefix || shape.unsupported);
    elsif shape.volatility = 'v' and mode <> 'FULL'
            and coalesce(current_setting('pg_trickle.volatile_function_policy', true), 'reject') = 'reject' then
        perform pgtrickle_lite.fail(
            '0A000', prefix || 'Defining query contains volatile expressions',
            'Use refresh_mode = ''FULL''.');
    elsif shape.volatility = 'v' then
        raise warning 'pg_trickle: defining query contains a volatile/non-deterministic function';
    elsif shape.volatility = 's' and mode <> 'FULL' then
        raise warning 'Defining query contains stable functions (e.g., now(), current_timestamp).';
    end if;
    obstacle := shape.not_incremental;
    if mode <> 'FULL' and shape.lost_cte is not null then
        -- pg_trickle's own rewriting loses sight of a CTE that a subquery reads.
        perform pgtrickle_lite.fail('42P01', format('relation "%s" does not exist', shape.lost_cte));
    elsif mode <> 'FULL' and obstacle is null then
        select format('%s is a %s', relation.relname,
            case relation.relkind when 'm' then 'materialized view' else 'foreign table' end)
        into obstacle
        from jsonb_array_elements(shape.sources) as item
        join pg_class as relation on relation.oid = (item ->> 'relid')::bigint::oid
        where relation.relkind in ('m', 'f') limit 1;
    end if;
    if mode = 'FULL' then
        return mode;
    elsif obstacle is not null and asked = 'AUTO' then
        raise warning '[pg_trickle] Stream table ''%'' will use FULL refresh instead of DIFFERENTIAL: %',
            qualified, obstacle;
        return 'FULL';
    elsif obstacle is not null then
        perform pgtrickle_lite.fail('0A000', prefix || obstacle);
    end if;
    return mode;
end
$$;

create function pgtrickle_lite.warn_about(query text, shape pgtrickle_lite.query_shape) returns void
language plpgsql as $$
declare
    keyless text;
begin
    if query ~* '^\s*select\s+(\w+\.)?\*' then
        raise warning 'pg_trickle: defining query uses SELECT *. Consider listing columns explicitly.';
    end if;
    for keyless in
        select (item ->> 'relid')::bigint::oid::regclass::text
        from jsonb_array_elements(shape.sources) as item
        where pgtrickle_lite.is_keyless((item ->> 'relid')::bigint::oid)
    loop
        raise warning 'pg_trickle: source table % has no PRIMARY KEY.', keyless;
    end loop;
end
$$;

create function pgtrickle_lite.is_keyless(source oid) returns boolean
language sql stable as $$
    select exists (
        select from pg_class as relation
        where relation.oid = source and relation.relkind in ('r', 'p')
            and not exists (select from pgtrickle.pgt_stream_tables where pgt_relid = source)
            and not exists (select from pg_index where indrelid = source and indisprimary))
$$;

create function pgtrickle_lite.has_keyless_source(shape pgtrickle_lite.query_shape) returns boolean
language sql stable as $$
    select coalesce(bool_or(pgtrickle_lite.is_keyless((item ->> 'relid')::bigint::oid)), false)
    from jsonb_array_elements(shape.sources) as item
$$;

create function pgtrickle.create_stream_table(
    name text, query text, schedule text default 'calculated', refresh_mode text default 'AUTO',
    initialize boolean default true, diamond_consistency text default null,
    diamond_schedule_policy text default null, cdc_mode text default null,
    append_only boolean default false, pooler_compatibility_mode boolean default false,
    partition_by text default null, max_differential_joins integer default null,
    max_delta_fraction double precision default null, output_distribution_column text default null,
    temporal boolean default false, storage_backend text default null, sink text default null,
    ducklake_sink_path text default null, ducklake_sink_table_id bigint default null
) returns void
language plpgsql as $$
#variable_conflict use_variable
declare
    parts record;
    qualified text;
    asked text;
    shape pgtrickle_lite.query_shape;
    rewritten text;
    st pgtrickle.pgt_stream_tables;
    with_count boolean;
begin
    if name is null then
        perform pgtrickle_lite.fail('XX000', 'argument 0 must not be null');
    elsif query is null then
        perform pgtrickle_lite.fail('XX000', 'argument 1 must not be null');
    end if;
    parts := pgtrickle_lite.split_name(name);
    qualified := parts.schema_name || '.' || parts.table_name;
    asked := pgtrickle_lite.check_mode(refresh_mode);
    if schedule is null and asked <> 'IMMEDIATE' then
        perform pgtrickle_lite.reject('use ''calculated'' instead of NULL to set CALCULATED schedule');
    end if;
    st := pgtrickle_lite.find(name);
    if st.pgt_id is not null then
        perform pgtrickle_lite.fail(
            '42P07', 'stream table already exists: ' || qualified,
            'Use pgtrickle.alter_stream_table() or pgtrickle.drop_stream_table().');
    end if;
    st.schedule := case when asked <> 'IMMEDIATE' then pgtrickle_lite.parse_schedule(schedule) end;
    st.diamond_consistency := coalesce(pgtrickle_lite.check_word(
        'diamond_consistency', diamond_consistency, 'none', 'atomic'), 'atomic');
    st.diamond_schedule_policy := coalesce(pgtrickle_lite.check_word(
        'diamond_schedule_policy', diamond_schedule_policy, 'fastest', 'slowest'), 'fastest');
    perform pgtrickle_lite.check_diamond(st.diamond_consistency, st.diamond_schedule_policy);
    st.requested_cdc_mode := pgtrickle_lite.check_cdc_mode(cdc_mode, asked);
    st.storage_backend := coalesce(pgtrickle_lite.check_word(
        'storage_backend', storage_backend, 'heap', 'citus', 'pg_mooncake', 'none'), 'heap');
    if output_distribution_column is not null then
        perform pgtrickle_lite.reject('output_distribution_column requires Citus to be installed and loaded');
    elsif asked = 'IMMEDIATE' and partition_by is not null then
        perform pgtrickle_lite.reject('partition_by is not supported with IMMEDIATE refresh mode.');
    elsif asked = 'IMMEDIATE' and append_only then
        perform pgtrickle_lite.reject('append_only is not supported with IMMEDIATE refresh mode.');
    elsif sink is not null or ducklake_sink_path is not null or ducklake_sink_table_id is not null then
        perform pgtrickle_lite.fail('0A000', 'pg_trickle_lite has no sinks');
    end if;

    shape := pgtrickle_lite.examine(query);
    st.refresh_mode := pgtrickle_lite.resolve_mode(qualified, asked, shape);
    perform pgtrickle_lite.check_new_name(parts.schema_name, parts.table_name);
    perform pgtrickle_lite.warn_about(query, shape);
    rewritten := pgtrickle_lite.rewrite(query, shape);
    with_count := shape.needs_count and st.refresh_mode <> 'FULL';
    insert into pgtrickle.pgt_stream_tables (
        pgt_relid, pgt_name, pgt_schema, defining_query, original_query, schedule, refresh_mode,
        topk_limit, topk_order_by, topk_offset, diamond_consistency, diamond_schedule_policy,
        has_keyless_source, requested_cdc_mode, is_append_only, max_differential_joins,
        max_delta_fraction, pooler_compatibility_mode, effective_refresh_mode, st_partition_key,
        temporal_mode, storage_backend, defining_query_hash)
    values (
        pgtrickle_lite.create_storage(
            parts.schema_name, parts.table_name, shape, with_count, temporal, partition_by,
            pgtrickle_lite.has_keyless_source(shape)),
        parts.table_name, parts.schema_name, rewritten, nullif(query, rewritten), st.schedule,
        st.refresh_mode, shape.row_limit, shape.order_by, shape.row_offset, st.diamond_consistency,
        st.diamond_schedule_policy, pgtrickle_lite.has_keyless_source(shape), st.requested_cdc_mode,
        append_only, max_differential_joins, max_delta_fraction, pooler_compatibility_mode,
        case when initialize then
            case when shape.row_limit is not null then 'TOP_K' else st.refresh_mode end end,
        partition_by, temporal, st.storage_backend, hashtextextended(rewritten, 0))
    returning * into st;
    perform pgtrickle_lite.bind(st, shape);
    if initialize then
        perform pgtrickle_lite.fill(st.pgt_id, shape, 'INITIAL');
    end if;
    raise info 'Stream table % created (pgt_id=%, mode=%, initialized=%)',
        qualified, st.pgt_id, st.refresh_mode, initialize::text;
end
$$;

create function pgtrickle.create_stream_table_if_not_exists(
    name text, query text, schedule text default 'calculated', refresh_mode text default 'AUTO',
    initialize boolean default true, diamond_consistency text default null,
    diamond_schedule_policy text default null, cdc_mode text default null,
    append_only boolean default false, pooler_compatibility_mode boolean default false,
    partition_by text default null, max_differential_joins integer default null,
    max_delta_fraction double precision default null, output_distribution_column text default null,
    temporal boolean default false, storage_backend text default null, sink text default null,
    ducklake_sink_path text default null, ducklake_sink_table_id bigint default null
) returns void
language plpgsql as $$
declare
    st pgtrickle.pgt_stream_tables := pgtrickle_lite.find(name);
begin
    if st.pgt_id is not null then
        raise info 'Stream table % already exists — skipping creation.', pgtrickle_lite.full_name(st);
        return;
    end if;
    perform pgtrickle.create_stream_table(
        name, query, schedule, refresh_mode, initialize, diamond_consistency, diamond_schedule_policy,
        cdc_mode, append_only, pooler_compatibility_mode, partition_by, max_differential_joins,
        max_delta_fraction, output_distribution_column, temporal, storage_backend, sink,
        ducklake_sink_path, ducklake_sink_table_id);
end
$$;

create function pgtrickle_lite.check_owner(st pgtrickle.pgt_stream_tables) returns void
language plpgsql as $$
begin
    if exists (
        select from pg_class where oid = st.pgt_relid and not pg_has_role(relowner, 'usage')
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
    wanted record;
    gone text;
begin
    if exists (
        select from unnest(shape.column_names, shape.column_types) as c (name, type)
        join pg_attribute as attribute
            on attribute.attrelid = st.pgt_relid and attribute.attname = c.name
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
        select old.name from unnest(pgtrickle_lite.storage_columns(st.pgt_relid)) as old (name)
        where old.name <> all (shape.column_names)
    loop
        execute format('alter table %s drop column %I', st.pgt_relid::regclass, gone);
    end loop;
    if not shape.needs_count and pgtrickle_lite.has_count(st.pgt_relid) then
        execute format('alter table %s drop column __pgt_count', st.pgt_relid::regclass);
    end if;
    for wanted in
        select c.name, c.type
        from unnest(shape.column_names, shape.column_types) with ordinality as c (name, type, place)
        where c.name <> all (pgtrickle_lite.storage_columns(st.pgt_relid))
        order by c.place
    loop
        execute format(
            'alter table %s add column %I %s', st.pgt_relid::regclass, wanted.name, wanted.type);
    end loop;
    if shape.needs_count and st.refresh_mode <> 'FULL'
            and not pgtrickle_lite.has_count(st.pgt_relid) then
        execute format(
            'alter table %s add column __pgt_count bigint not null default 0', st.pgt_relid::regclass);
    end if;
    return st.pgt_relid;
end
$$;

create function pgtrickle_lite.rebuild_storage(
    st pgtrickle.pgt_stream_tables, shape pgtrickle_lite.query_shape
) returns oid
language plpgsql as $$
declare
    old_relid oid := st.pgt_relid;
    new_relid oid;
    place record;
begin
    select namespace.nspname, relation.relname into place
    from pg_class as relation join pg_namespace as namespace on namespace.oid = relation.relnamespace
    where relation.oid = old_relid;
    -- Out of sight of the event trigger, which would take the stream table for dropped.
    update pgtrickle.pgt_stream_tables set pgt_relid = 0 where pgt_id = st.pgt_id;
    execute format('drop table %s cascade', old_relid::regclass);
    new_relid := pgtrickle_lite.create_storage(
        place.nspname, place.relname, shape, shape.needs_count and st.refresh_mode <> 'FULL',
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
    old_columns text[] := pgtrickle_lite.storage_columns(st.pgt_relid);
begin
    perform pgtrickle_lite.check_owner(st);
    shape := pgtrickle_lite.examine(query);
    perform pgtrickle_lite.resolve_mode(pgtrickle_lite.full_name(st), st.refresh_mode, shape);
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
        perform pgtrickle_lite.resolve_mode(pgtrickle_lite.full_name(st), mode, shape);
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
    -- By the name in the catalog: a table that was renamed meanwhile stays.
    if to_regclass(format('%I.%I', st.pgt_schema, left(st.pgt_name, 63))) = st.pgt_relid then
        execute format('drop table %s cascade', st.pgt_relid::regclass);
    end if;
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
    findings text := '';
    report text;
begin
    update pgtrickle.pgt_stream_tables
    set status = 'ACTIVE', frontier = null, consecutive_errors = 0, last_error_message = null,
        last_error_at = null
    where pgt_id = st.pgt_id;
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
