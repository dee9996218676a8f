-- Section 2: arguments. What a caller may say, and the errors for the rest.

create function pgtrickle_lite.fail(code text, message text, hint text default '') returns void
language plpgsql as $$
begin
    if hint = '' then
        raise exception using errcode = code, message = message;
    end if;
    raise exception using errcode = code, message = message, hint = hint;
end
$$;

create function pgtrickle_lite.reject(message text) returns void
language sql as $$
    select pgtrickle_lite.fail('22023', 'invalid argument: ' || message)
$$;

-- 'schema.table', split at the first dot; quotes mean nothing.
create function pgtrickle_lite.split_name(
    name text, out schema_name text, out table_name text
) language plpgsql stable as $$
begin
    if strpos(name, '.') > 0 then
        schema_name := left(name, strpos(name, '.') - 1);
        table_name := substr(name, strpos(name, '.') + 1);
    else
        schema_name := current_schema();
        table_name := name;
    end if;
end
$$;

-- The names that a storage table can't have, each with the error that creating it runs into.
create function pgtrickle_lite.check_new_name(schema_name text, table_name text) returns void
language plpgsql as $$
declare
    qualified text := schema_name || '.' || table_name;
begin
    if table_name = '' then
        perform pgtrickle_lite.fail('42601', 'zero-length delimited identifier at or near """"');
    elsif table_name ~ '\s' then
        perform pgtrickle_lite.fail('42602', 'invalid name syntax');
    elsif table_name ~ '^".*"$' then
        perform pgtrickle_lite.fail('42P01', format('relation "%s.%s" does not exist', schema_name, trim(table_name, '"')));
    elsif strpos(table_name, '.') > 0 then
        perform pgtrickle_lite.fail(
            '0A000', format('cross-database references are not implemented: "%s"', qualified));
    elsif table_name ~ '[^\w$]' then
        perform pgtrickle_lite.fail(
            '42601', format('syntax error at or near "%s"', substring(table_name from '[^\w$].*')));
    elsif table_name <> lower(table_name) then
        perform pgtrickle_lite.fail('42P01', format('relation "%s" does not exist', lower(qualified)));
    elsif to_regnamespace(quote_ident(schema_name)) is null then
        perform pgtrickle_lite.fail('3F000', format('schema "%s" does not exist', schema_name));
    end if;
end
$$;

create function pgtrickle_lite.find(name text) returns pgtrickle.pgt_stream_tables
language plpgsql stable as $$
declare
    parts record := pgtrickle_lite.split_name(name);
    found_row pgtrickle.pgt_stream_tables;
begin
    select * into found_row from pgtrickle.pgt_stream_tables as st
    where st.pgt_schema = parts.schema_name and st.pgt_name = parts.table_name;
    return found_row;
end
$$;

create function pgtrickle_lite.get(name text) returns pgtrickle.pgt_stream_tables
language plpgsql stable as $$
declare
    parts record := pgtrickle_lite.split_name(name);
    st pgtrickle.pgt_stream_tables := pgtrickle_lite.find(name);
begin
    if st.pgt_id is null then
        perform pgtrickle_lite.fail(
            '42P01', format('stream table not found: %s.%s', parts.schema_name, parts.table_name),
            'pgtrickle.pgt_status() lists the stream tables. Qualify the name with its schema.');
    end if;
    return st;
end
$$;

create function pgtrickle_lite.full_name(st pgtrickle.pgt_stream_tables) returns text
language sql immutable as $$ select st.pgt_schema || '.' || st.pgt_name $$;

create function pgtrickle_lite.check_cron(schedule text) returns void
language plpgsql as $$
declare
    fields text[] := regexp_split_to_array(trim(schedule), '\s+');
    lowest integer[] := array[0, 0, 0, 1, 1, 0];
    highest integer[] := array[59, 59, 23, 31, 12, 7];
    place integer;
    number text;
begin
    if schedule ~ '^\s*@' then
        if schedule !~ '^\s*@(yearly|annually|monthly|weekly|daily|midnight|hourly)\s*$' then
            perform pgtrickle_lite.reject(format(
                'invalid cron expression ''%s'': unknown nickname', schedule));
        end if;
        return;
    end if;
    if cardinality(fields) not in (5, 6) then
        perform pgtrickle_lite.reject(format(
            'invalid cron expression ''%s'': expected 5 or 6 fields, got %s',
            schedule, cardinality(fields)));
    end if;
    for place in 1 .. cardinality(fields) loop
        if fields[place] !~* '^[\d*/,a-z?#-]+$' then
            perform pgtrickle_lite.reject(format(
                'invalid cron expression ''%s'': bad field ''%s''', schedule, fields[place]));
        end if;
        -- A step (after the slash) is no point in time, so it has no such bounds.
        for number in
            select part[1]
            from regexp_matches(regexp_replace(fields[place], '/\d+', '', 'g'), '\d+', 'g') as part
        loop
            if number::integer not between lowest[place + 6 - cardinality(fields)]
                                       and highest[place + 6 - cardinality(fields)] then
                perform pgtrickle_lite.reject(format(
                    'invalid cron expression ''%s'': Component error: Number out of bounds.',
                    schedule));
            end if;
        end loop;
    end loop;
end
$$;

-- The schedule as the catalog keeps it: NULL for 'calculated', else the text as given.
create function pgtrickle_lite.parse_schedule(schedule text) returns text
language plpgsql as $$
declare
    unit text;
begin
    if lower(schedule) = 'calculated' then
        return null;
    elsif schedule = '' then
        perform pgtrickle_lite.reject('schedule cannot be empty');
    elsif schedule ~ '[\s@]' then
        perform pgtrickle_lite.check_cron(schedule);
        return schedule;
    elsif schedule ~ '^(\d+[smhdw])*\d+$' and schedule !~ '^\d+$' then
        perform pgtrickle_lite.reject(format(
            'trailing digits ''%s'' without a unit in duration ''%s''. Append s, m, h, d, or w.',
            substring(schedule from '\d+$'), schedule));
    elsif schedule !~ '^(\d+|(\d+[smhdw])+)$' then
        unit := substring(schedule from '[^\dsmhdw]');
        if unit is null or schedule ~ '[smhdw][smhdw]' then
            perform pgtrickle_lite.reject(format(
                'expected a number before ''%s'' in duration ''%s''',
                coalesce(substring(schedule from '[smhdw]([smhdw])'), left(schedule, 1)), schedule));
        end if;
        perform pgtrickle_lite.reject(format(
            'invalid duration unit ''%s'' in ''%s''. Use s (seconds), m (minutes), h (hours), '
            'd (days), w (weeks).', unit, schedule));
    elsif pgtrickle_lite.schedule_seconds(schedule) < 1 then
        perform pgtrickle_lite.reject(format(
            'schedule must be at least 1s, got %ss', pgtrickle_lite.schedule_seconds(schedule)));
    end if;
    return schedule;
end
$$;

create function pgtrickle_lite.check_mode(refresh_mode text) returns text
language plpgsql as $$
begin
    if refresh_mode is null then
        perform pgtrickle_lite.fail('XX000', 'argument 3 must not be null');
    elsif upper(refresh_mode) not in ('AUTO', 'FULL', 'DIFFERENTIAL', 'IMMEDIATE', 'INCREMENTAL') then
        perform pgtrickle_lite.reject(format(
            'unknown refresh mode: %s. Must be ''AUTO'', ''FULL'', ''DIFFERENTIAL'', or ''IMMEDIATE''',
            upper(refresh_mode)));
    end if;
    return upper(refresh_mode);
end
$$;

-- One of a set of words, in lower case; NULL stays NULL (leave alone).
create function pgtrickle_lite.check_word(what text, given text, variadic allowed text[]) returns text
language plpgsql as $$
begin
    if lower(given) <> all (allowed) then
        perform pgtrickle_lite.reject(format(
            'invalid %s value: ''%s'' (expected one of ''%s'')',
            what, given, array_to_string(allowed, ''', ''')));
    end if;
    return lower(given);
end
$$;

create function pgtrickle_lite.check_diamond(consistency text, policy text) returns void
language plpgsql as $$
begin
    if policy = 'slowest' and consistency = 'none' then
        perform pgtrickle_lite.reject(
            'diamond_schedule_policy = ''slowest'' requires diamond_consistency = ''atomic''.');
    end if;
end
$$;

create function pgtrickle_lite.check_cdc_mode(cdc_mode text, refresh_mode text) returns text
language plpgsql as $$
declare
    mode text := pgtrickle_lite.check_word('cdc_mode', cdc_mode, 'auto', 'trigger', 'wal');
begin
    if mode = 'wal' and refresh_mode = 'IMMEDIATE' then
        perform pgtrickle_lite.reject(
            'refresh_mode = ''IMMEDIATE'' is incompatible with cdc_mode = ''wal''.');
    elsif mode = 'wal' and current_setting('wal_level') <> 'logical' then
        perform pgtrickle_lite.reject('pg_trickle.cdc_mode = ''wal'' requires wal_level = logical');
    end if;
    return mode;
end
$$;
