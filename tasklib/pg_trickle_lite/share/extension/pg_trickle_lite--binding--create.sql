-- Section 9: create.

-- The mode to store for the mode asked for. AUTO falls back to FULL only where pg_trickle does.
create function pgtrickle_lite.resolve_mode(
    qualified text, asked text, query text, shape pgtrickle_lite.query_shape
) returns text
language plpgsql as $$
declare
    mode text := case asked when 'AUTO' then 'DIFFERENTIAL' when 'INCREMENTAL' then 'DIFFERENTIAL' else asked end;
    prefix text := 'unsupported operator for DIFFERENTIAL mode: ';
    unreadable text := pgtrickle_lite.unreadable_view(shape);
    obstacle text;
begin
    perform pgtrickle_lite.refuse_by_fault(query, mode);
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
    obstacle := coalesce(shape.not_incremental, unreadable);
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
    elsif unreadable is not null then
        perform pgtrickle_lite.fail('42P01', unreadable);
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
    st.refresh_mode := pgtrickle_lite.resolve_mode(qualified, asked, query, shape);
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
