-- Section 6: storage. The table behind a stream table: hidden columns, guard triggers, indexes, contents.

-- A function beside each table, called after it, which stays behind when the table goes.
create function pgtrickle_lite.create_guard(schema_name text, table_name text) returns void
language plpgsql as $$
declare
    guard text := format('%I.%I', schema_name, ('_pgt_guard_' || table_name)::name);
    storage text := format('%I.%I', schema_name, left(table_name, 63));
begin
    execute format(
        'create or replace function %s() returns trigger language plpgsql as %L', guard,
        'begin raise exception ''Direct DML on stream table % is not allowed. pg_trickle maintains it.'', '
        'tg_table_name; end');
    execute format(
        'create trigger pgt_dml_guard before insert or update or delete on %s for each row '
        'when (current_setting(''pg_trickle.internal_refresh'', true) is distinct from ''true'') '
        'execute function %s()', storage, guard);
    execute format(
        'create trigger pgt_truncate_guard before truncate on %s for each statement '
        'when (current_setting(''pg_trickle.internal_refresh'', true) is distinct from ''true'') '
        'execute function %s()', storage, guard);
end
$$;

create function pgtrickle_lite.partition_clause(key text, columns text[]) returns text
language plpgsql strict as $$
declare
    kind text := upper(coalesce(substring(key from '(?i)^(LIST|HASH):'), 'RANGE'));
    names text[] := string_to_array(
        regexp_replace(regexp_replace(key, '(?i)^(LIST|HASH):', ''), ':\d+$', ''), ',');
    name text;
begin
    foreach name in array names loop
        if trim(name) <> all (columns) then
            perform pgtrickle_lite.reject(format(
                'partition_by column ''%s'' is not in the stream table''s SELECT output. '
                'Available columns: %s', trim(name), array_to_string(columns, ', ')));
        end if;
    end loop;
    return format(
        'partition by %s (%s)', kind,
        (select string_agg(quote_ident(trim(part)), ', ') from unnest(names) as part));
end
$$;

create function pgtrickle_lite.create_partitions(storage text, schema_name text, table_name text, key text)
returns void
language plpgsql as $$
declare
    modulus integer := coalesce(substring(key from ':(\d+)$')::integer, 4);
begin
    if key !~* '^HASH:' then
        execute format(
            'create table %I.%I partition of %s default', schema_name, table_name || '_default', storage);
        return;
    end if;
    for remainder in 0 .. modulus - 1 loop
        execute format(
            'create table %I.%I partition of %s for values with (modulus %s, remainder %s)',
            schema_name, table_name || '_p' || remainder, storage, modulus, remainder);
    end loop;
end
$$;

-- The hidden columns that follow the query's own.
create function pgtrickle_lite.hidden_columns(needs_count boolean, temporal boolean) returns text
language sql immutable as $$
    select
        case when needs_count then ', __pgt_count bigint not null default 0' else '' end
        || case when temporal then ', __pgt_valid_from timestamptz, __pgt_valid_to timestamptz' else '' end
$$;

create function pgtrickle_lite.create_storage(
    schema_name text, table_name text, shape pgtrickle_lite.query_shape, with_count boolean,
    temporal boolean, partition_key text, keyless boolean
) returns oid
language plpgsql as $$
declare
    storage text := format('%I.%I', schema_name, left(table_name, 63));
    is_unique boolean := not keyless and partition_key is null;
begin
    execute format(
        'create table %s (__pgt_row_id bigint, %s%s) %s',
        storage,
        (
            select string_agg(format('%I %s', name, type), ', ' order by place)
            from unnest(shape.column_names, shape.column_types) with ordinality as c (name, type, place)
        ),
        pgtrickle_lite.hidden_columns(with_count, temporal),
        coalesce(pgtrickle_lite.partition_clause(partition_key, shape.column_names), ''));
    if partition_key is not null then
        perform pgtrickle_lite.create_partitions(storage, schema_name, table_name, partition_key);
    end if;
    execute format(
        'create %s index on %s (__pgt_row_id)', case when is_unique then 'unique' else '' end, storage);
    perform pgtrickle_lite.create_guard(schema_name, table_name);
    return storage::regclass::oid;
end
$$;

-- The table behind a stream table, whichever it is: pg_trickle goes by the name that it wrote down at creation.
create function pgtrickle_lite.storage(st pgtrickle.pgt_stream_tables) returns oid
language plpgsql stable as $$
declare
    found_relid oid := to_regclass(format('%I.%I', st.pgt_schema, left(st.pgt_name, 63)));
begin
    if found_relid is null then
        perform pgtrickle_lite.fail(
            '42P01', format('relation "%s" does not exist', pgtrickle_lite.full_name(st)));
    end if;
    return found_relid;
end
$$;

-- Columns of a storage table that are the query's, in the table's order.
create function pgtrickle_lite.storage_columns(storage oid) returns text[]
language sql stable as $$
    select array_agg(attribute.attname::text order by attribute.attnum)
    from pg_attribute as attribute
    where attribute.attrelid = storage and attribute.attnum > 0 and not attribute.attisdropped
        and attribute.attname !~ '^__pgt_'
$$;

create function pgtrickle_lite.has_count(storage oid) returns boolean
language sql stable as $$
    select exists (
        select from pg_attribute
        where attrelid = storage and attname = '__pgt_count' and not attisdropped)
$$;

-- A row's content as 64 bits. The binary form is exact for every type and takes no session setting; the few
-- types that have none give their text.
create function pgtrickle_lite.content_hash(alias text, columns text[], storage oid) returns text
language sql stable as $$
    select format(
        'hash_record_extended(row(record_send(row(%s))), 0)',
        string_agg(
            format('%I.%I', alias, name)
            || case when coalesce(element.typsend, type.typsend) = 0 then '::text' else '' end,
            ', ' order by place))
    from unnest(columns) with ordinality as c (name, place)
    left join pg_attribute as attribute on attribute.attrelid = storage and attribute.attname = name
    left join pg_type as type on type.oid = attribute.atttypid
    left join pg_type as element on element.oid = type.typelem and type.typcategory = 'A'
$$;

-- The query's rows with their identity: the hash of the content, and for the second of a kind on, of its number.
create function pgtrickle_lite.identified_rows(query text, columns text[], storage oid) returns text
language sql stable as $$
    select format(
        'select case when number = 1 then hash else hashint8extended(number, hash) end as __pgt_row_id, '
        '%1$s from (select *, row_number() over (partition by hash) as number from ('
        'select %2$s as hash, %1$s from (%3$s' || E'\n' || ') as result) as hashed) as numbered',
        (select string_agg(quote_ident(name), ', ' order by place)
         from unnest(columns) with ordinality as c (name, place)),
        pgtrickle_lite.content_hash('result', columns, storage),
        query)
$$;

-- Bring the contents up to date in one MERGE: what is equal stays as it is. FULL believes no identity: a row
-- that somebody changed behind the guard is put right.
-- No conversion to the client's encoding may creep into the hash, hence the setting.
create function pgtrickle_lite.merge_rows(
    st pgtrickle.pgt_stream_tables, incremental boolean, out inserted bigint, out deleted bigint
) language plpgsql
set client_encoding = 'SQL_ASCII' set pg_trickle.internal_refresh = 'true' as $$
declare
    storage oid := pgtrickle_lite.storage(st);
    columns text[] := pgtrickle_lite.storage_columns(storage);
    names text := (
        select string_agg(quote_ident(name), ', ' order by place)
        from unnest(columns) with ordinality as c (name, place));
begin
    execute format(
        'with merged as (merge into %1$s as target using (%2$s) as source '
        'on target.__pgt_row_id = source.__pgt_row_id %7$s '
        'when not matched then insert (__pgt_row_id, %3$s%4$s) values (source.__pgt_row_id, %5$s%6$s) '
        'when not matched by source then delete returning merge_action() as action) '
        'select count(*) filter (where action <> ''DELETE''), '
        'count(*) filter (where action <> ''INSERT'') from merged',
        storage::regclass,
        pgtrickle_lite.identified_rows(
            pgtrickle_lite.query_to_run(st, incremental), columns, storage),
        names,
        case when pgtrickle_lite.has_count(storage) then ', __pgt_count' else '' end,
        (select string_agg(format('source.%I', name), ', ' order by place)
         from unnest(columns) with ordinality as c (name, place)),
        case when pgtrickle_lite.has_count(storage) then ', 1' else '' end,
        case st.refresh_mode when 'FULL' then format(
            'when matched and %s <> %s then update set %s',
            pgtrickle_lite.content_hash('target', columns, storage),
            pgtrickle_lite.content_hash('source', columns, storage),
            (select string_agg(format('%1$I = source.%1$I', name), ', ') from unnest(columns) as name))
            else '' end)
    into inserted, deleted;
end
$$;

-- Fill anew. By position, without a list of columns, as pg_trickle does after a change of the query: a column
-- that moved or came in gets its neighbour's values. And then all rows of a TopK, until its next refresh.
create function pgtrickle_lite.refill(
    st pgtrickle.pgt_stream_tables, shape pgtrickle_lite.query_shape, altered boolean,
    out inserted bigint
) language plpgsql
set client_encoding = 'SQL_ASCII' set pg_trickle.internal_refresh = 'true' as $$
declare
    storage oid := pgtrickle_lite.storage(st);
begin
    execute format('truncate %s', storage::regclass);
    execute format(
        'insert into %s select *%s from (%s) as filled',
        storage::regclass,
        case when shape.needs_count and st.refresh_mode <> 'FULL' then ', 1' else '' end,
        pgtrickle_lite.identified_rows(
            case when altered and shape.order_by is not null
                then pgtrickle_lite.without_limit(pgtrickle_lite.query_to_run(st, false))
                else pgtrickle_lite.query_to_run(st, false) end,
            shape.column_names, storage));
    get diagnostics inserted = row_count;
end
$$;
