-- Section 13: faults on request. The setting pg_trickle_lite.faults names what this engine shall keep wrong;
-- README.md says which fault of pg_trickle each word stands for.

create function pgtrickle_lite.faults() returns text[]
language plpgsql stable as $$
declare
    wanted text[] := string_to_array(
        regexp_replace(coalesce(current_setting('pg_trickle_lite.faults', true), ''), '\s', '', 'g'), ',');
    unknown text;
begin
    select word into unknown from unnest(wanted) as word
    where word <> all (array[
        'sum_null', 'exists_twice', 'cast_modifier', 'refresh_fails', 'refresh_slow', 'full_wrong',
        'refused', 'view_cte', 'full_set', 'full_groups', 'full_scalar',
        'read_keyless', 'read_rows']);
    if found then
        perform pgtrickle_lite.reject('pg_trickle_lite.faults has no fault ' || quote_literal(unknown));
    end if;
    return wanted;
end
$$;

-- A view's definition in PostgreSQL's own words, names qualified, the views that it reads in their places.
create function pgtrickle_lite.written_out(view_relid oid) returns text
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
    definition text := rtrim(pg_get_viewdef(view_relid), ';');
    nested record;
    pattern text;
    inlined text;
begin
    for nested in
        select source.relid, relation.relname, format('%I.%I', namespace.nspname, relation.relname) as name
        from pgtrickle_lite.view_sources(view_relid) as source
        join pg_class as relation on relation.oid = source.relid
        join pg_namespace as namespace on namespace.oid = relation.relnamespace
        where source.is_direct and source.relkind = 'v'
    loop
        pattern := '(?<![\w".])' || regexp_replace(nested.name, '(\W)', '\\\1', 'g') || '(?![\w".])';
        inlined := replace(format('(%s)', pgtrickle_lite.written_out(nested.relid)), '\', '\\');
        -- PostgreSQL writes its keywords in capitals; what else follows is an alias.
        definition := regexp_replace(definition, pattern || '(?= [a-z_"])', inlined, 'g');
        definition := regexp_replace(
            definition, pattern, format('%s %I', inlined, nested.relname), 'g');
    end loop;
    return definition;
end
$$;

create function pgtrickle_lite.in_own_words(query text) returns text
language plpgsql as $$
declare
    words text;
begin
    execute 'create temporary view __pgt_probe as ' || query;
    words := pgtrickle_lite.written_out('pg_temp.__pgt_probe'::regclass);
    drop view pg_temp.__pgt_probe;
    return words;
end
$$;

create function pgtrickle_lite.has_nested_in(words text) returns boolean
language plpgsql immutable as $$
declare
    token text;
    depth integer := 0;
    outer_in integer;
begin
    for token in select part[1] from regexp_matches(words, '(\mIN \( SELECT|\(|\))', 'g') as part loop
        if token = ')' then
            outer_in := nullif(outer_in, depth);
            depth := depth - 1;
            continue;
        end if;
        depth := depth + 1;
        if token <> '(' and outer_in is not null then
            return true;
        elsif token <> '(' then
            outer_in := depth;
        end if;
    end loop;
    return false;
end
$$;

-- sum() that is 0 where all values are NULL, or there are none.
create function pgtrickle_lite.add(total numeric, value bigint) returns numeric
language sql immutable strict as $$ select total + value $$;

create aggregate pgtrickle_lite.sum_or_zero (smallint) (sfunc = int2_sum, stype = bigint, initcond = '0');
create aggregate pgtrickle_lite.sum_or_zero (integer) (sfunc = int4_sum, stype = bigint, initcond = '0');
create aggregate pgtrickle_lite.sum_or_zero (bigint) (
    sfunc = pgtrickle_lite.add, stype = numeric, initcond = '0');
create aggregate pgtrickle_lite.sum_or_zero (numeric) (
    sfunc = numeric_add, stype = numeric, initcond = '0');
create aggregate pgtrickle_lite.sum_or_zero (real) (sfunc = float4pl, stype = real, initcond = '0');
create aggregate pgtrickle_lite.sum_or_zero (double precision) (
    sfunc = float8pl, stype = double precision, initcond = '0');
create aggregate pgtrickle_lite.sum_or_zero (money) (sfunc = cash_pl, stype = money, initcond = '0');
create aggregate pgtrickle_lite.sum_or_zero (interval) (
    sfunc = interval_pl, stype = interval, initcond = '0');

-- The query as an engine with the wanted faults runs it, which may end it or take its time.
create function pgtrickle_lite.query_to_run(st pgtrickle.pgt_stream_tables, incremental boolean)
returns text
language plpgsql as $$
declare
    faults text[] := pgtrickle_lite.faults();
    words text;
begin
    if faults = '{}' then
        return pgtrickle_lite.written_query(st);
    end if;
    words := pgtrickle_lite.in_own_words(pgtrickle_lite.written_query(st));
    if 'full_wrong' = any (faults) then
        words := regexp_replace(
            words, '(?<!FROM )(?<!JOIN )(?<!LATERAL )\( SELECT (count\([^()]*\)) AS',
            '( SELECT NULLIF(\1, 0) AS', 'g');
    end if;
    if 'full_set' = any (faults) and st.is_populated and words ~ '\mEXCEPT\M' and words !~ '^\s*WITH\M' then
        perform pgtrickle_lite.fail('42601', 'INSERT has more expressions than target columns');
    end if;
    if not incremental then
        return words;
    end if;
    if 'refresh_fails' = any (faults) and words ~ '\mOVER [(\w"]|\mUNION\M' then
        perform pgtrickle_lite.fail('42703', format('column st.%I does not exist',
            (pgtrickle_lite.storage_columns(pgtrickle_lite.storage(st)))[1]));
    end if;
    if 'read_keyless' = any (faults) and st.has_keyless_source and exists (
            select from pgtrickle.pgt_dependencies where source_relid = st.pgt_relid) then
        perform pgtrickle_lite.fail(
            '42P10', 'there is no unique or exclusion constraint matching the ON CONFLICT specification');
    end if;
    if 'refresh_slow' = any (faults) and pgtrickle_lite.has_nested_in(words) then
        perform pg_sleep(1.5);
    end if;
    if 'sum_null' = any (faults) then
        words := regexp_replace(words, '(?<![\w".])sum\(', 'pgtrickle_lite.sum_or_zero(', 'g');
    end if;
    if 'cast_modifier' = any (faults) then
        words := regexp_replace(words, '::([a-z][a-z ]*)\(\d+(,-?\d+)?\)', '::\1', 'g');
    end if;
    if 'exists_twice' = any (faults)
            and (select count(*) from pgtrickle_lite.changed_sources(st)) > 1 then
        words := regexp_replace(
            words, '\mWHERE (((?!\mWHERE |NOT \(EXISTS).)*\(EXISTS \( SELECT)',
            'CROSS JOIN generate_series(1, 2) __pgt_twice WHERE \1', 'g');
    end if;
    return words;
end
$$;

create function pgtrickle_lite.refuse_by_fault(query text, mode text) returns void
language plpgsql as $$
begin
    if mode = 'FULL' and (
            'full_groups' = any (pgtrickle_lite.faults())
                and pgtrickle_lite.in_own_words(query) ~ '^(?!\s*WITH\M).*\mGROUP BY \w+\.(\w+), \w+\.\1\M'
            or 'full_scalar' = any (pgtrickle_lite.faults())
                and pgtrickle_lite.in_own_words(query)
                    ~ '^(?!.*\mLEFT JOIN \().*(?<!FROM )(?<!JOIN )(?<!LATERAL )\( SELECT') then
        perform pgtrickle_lite.fail('23505', 'duplicate key value violates unique constraint');
    end if;
    if 'read_rows' = any (pgtrickle_lite.faults())
            and pgtrickle_lite.in_own_words(query) !~ '^\s*WITH\M|\mGROUP BY\M'
            and exists (
                select from pgtrickle.pgt_stream_tables where has_keyless_source
                    and pgtrickle_lite.in_own_words(query) ~ format('\m%s\.%s\M', pgt_schema, pgt_name)) then
        perform pgtrickle_lite.fail('23505', 'duplicate key value violates unique constraint');
    end if;
    if 'refused' = any (pgtrickle_lite.faults())
            and pgtrickle_lite.in_own_words(query) ~ '\mINTERSECT\M' then
        perform pgtrickle_lite.fail('42703', 'column "__pgt_count" does not exist');
    end if;
end
$$;

-- What keeps a query from being incremental because one of its views has a CTE; NULL for nothing.
create function pgtrickle_lite.unreadable_view(shape pgtrickle_lite.query_shape) returns text
language plpgsql stable as $$
begin
    return (
        select format(
            'stream table not found: table ''%s'' not found in the current search_path.',
            substring(definition from '.*\mFROM (\S+)'))
        from jsonb_array_elements(shape.sources) as item
        join pg_class as relation on relation.oid = (item ->> 'relid')::bigint::oid
        cross join lateral rtrim(pg_get_viewdef(relation.oid), ';') as definition
        where 'view_cte' = any (pgtrickle_lite.faults())
            and relation.relkind = 'v' and definition ~ '^\s*WITH\M'
        limit 1);
end
$$;
