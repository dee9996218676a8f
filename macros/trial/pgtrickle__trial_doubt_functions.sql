{#- What follows when a trial saw a difference, or none. described: as in the functions of a round.
    pg_temp.dbt_pgtrickle_trial_smallest(described jsonb, statements text[], outcome text, deadline timestamptz): looks for the smallest
    part of a round that still shows the outcome. Gives {change, expected, found, error} of it.
    pg_temp.dbt_pgtrickle_trial_pace(described jsonb, refresh_ms float8): how long the query itself takes, against a refresh of a few
    changes. Gives {refresh_ms, query_ms, outcome and change where that is slow}: ten times the query, and three times what creating it
    took, since a busy machine slows all of them; or longer than computing all of it anew, where that takes long enough to tell.
    pg_temp.dbt_pgtrickle_trial_measure(described jsonb): the same of a refresh over more rows. -#}
{% macro pgtrickle__trial_doubt_functions() -%}
  {%- set smallest -%}
declare
  size int;
  part int;
  parts constant int := cardinality(statements);
  seen jsonb;
  before jsonb;
begin
  foreach size in array array[1, 2, 3, 100000] loop
    -- each statement alone, then all of them
    for part in 1..parts + 1 loop
      continue when part > parts and parts = 1;
      exit when clock_timestamp() > deadline;
      begin
        before := pg_temp.dbt_pgtrickle_trial_rows(described);
        seen := pg_temp.dbt_pgtrickle_trial_round(described, case when part > parts then statements else statements[part:part] end, size);
        if seen -> 'fault' ->> 'outcome' = outcome
          and not (outcome = 'wrong' and pg_temp.dbt_pgtrickle_trial_determined(described) is not null) then
          if outcome = 'fails' then
            -- its triggers may refuse the change again
            perform pg_temp.dbt_pgtrickle_trial_drop(described);
            perform pg_temp.dbt_pgtrickle_trial_change(case when part > parts then statements else statements[part:part] end, size);
          end if;
          seen := (seen -> 'fault') || pg_temp.dbt_pgtrickle_trial_words(before, pg_temp.dbt_pgtrickle_trial_rows(described));
        else
          seen := null;
        end if;
        raise exception using errcode = 'PGT06', message = 'rolled back on purpose';
      exception when sqlstate 'PGT06' then null;
      end;
      if seen is not null then return seen; end if;
    end loop;
  end loop;
  return '{}';
end
  {%- endset -%}
  {%- set rows -%}
declare
  relation jsonb;
  part jsonb;
  answer jsonb := '{}';
begin
  for relation in select value from jsonb_array_elements(described -> 'relations') where value ->> 'target' is not null loop
    execute format('select coalesce(jsonb_agg(jsonb_build_object(''key'', %s, ''row'', jsonb_build_object(%s))), ''[]'') from %s as t',
      coalesce((select 'jsonb_build_array(' || string_agg(quote_ident(name), ', ') || ')'
        from jsonb_array_elements_text(relation -> 'keys' -> 0) as name), 'ctid'),
      (select string_agg(format('%1$L, %1$I', value ->> 'name'), ', ' order by ordinality)
        from jsonb_array_elements(relation -> 'columns') with ordinality
       where (value ->> 'used')::boolean or coalesce(relation -> 'keys' -> 0 ? (value ->> 'name'), false)),
      relation ->> 'target') into part;
    answer := answer || jsonb_build_object(relation ->> 'name', part);
  end loop;
  return answer;
end
  {%- endset -%}
  {%- set words -%}
with was as (
  select name, value -> 'key' as key, value -> 'row' as row from jsonb_each(before) as tables (name, rows) cross
    join jsonb_array_elements(rows)
),
is_now as (
  select name, value -> 'key' as key, value -> 'row' as row from jsonb_each(after) as tables (name, rows) cross
    join jsonb_array_elements(rows)
),
changes as (
  select name, key, format('%s: %s', name, case
    when is_now.row is null then format('%s deleted', was.row)
    when was.row is null then format('%s inserted', is_now.row)
    else format('%s changed to %s', was.row, (
      select jsonb_object_agg(column_, value) from jsonb_each(is_now.row) as columns (column_, value) where value is distinct
        from was.row -> column_))
    end) as change
  from was full join is_now using (name, key)
  where was.row is distinct from is_now.row
)
select case when exists (select from changes) then jsonb_build_object('change', (
  select string_agg(change, '; ' order by name, key) from (select * from changes order by name, key limit 3) as first)
  || coalesce((select format('; and %s more rows', count(*) - 3) from changes having count(*) > 3), '')) else '{}' end
  {%- endset -%}
  {%- set measure -%}
declare
  -- what compares all rows with all takes sixteen times as long for four times as many
  sizes constant int[] := case when (described ->> 'subqueries')::boolean then array[800, 3200] else array[800] end;
  more int;
  relation jsonb;
  started timestamptz;
  answer jsonb;
  former jsonb := '{}';
  grown boolean;
begin
  foreach more in array sizes loop
    for relation in select value from jsonb_array_elements(described -> 'relations') where value ->> 'target' is not null loop
      begin
        execute format('insert into %1$s (%2$s) select %3$s from (select t.*, row_number() over () as dbt_pgtrickle_n from %1$s as t cross '
          'join generate_series(1, %4$s) as times limit %4$s) as copied on conflict do nothing',
          relation ->> 'target', relation ->> 'insertable', (
            select string_agg(case
              when coalesce(relation -> 'keys' -> 0 ? (value ->> 'name'), false) or (value ->> 'linked')::boolean
                or (value ->> 'category' = 'S' and not (value ->> 'asked')::boolean)
              then format('coalesce(pg_temp.dbt_pgtrickle_trial_fresh(%L, 1000 + dbt_pgtrickle_n::int)::%s, %I)', value, value ->> 'type',
                value ->> 'name')
              -- few rows meet a condition, as with real data
              when (value ->> 'asked')::boolean and jsonb_array_length(value -> 'pool') > 1
              then format('case when dbt_pgtrickle_n %% 10 = 0 then %I else (%L::text[])[1 + dbt_pgtrickle_n %% %s]::%s end',
                value ->> 'name',
                array(select jsonb_array_elements_text(value -> 'pool')), jsonb_array_length(value -> 'pool'), value ->> 'type')
              else quote_ident(value ->> 'name') end, ', ' order by ordinality)
            from jsonb_array_elements(relation -> 'columns') with ordinality where value ->> 'generated' is null), more);
      exception when integrity_constraint_violation or data_exception then null;
      end;
      execute format('analyze %s', relation ->> 'target');
    end loop;
    -- the rows are there when it begins: what counts is a refresh of a few changes over them
    perform pg_temp.dbt_pgtrickle_trial_drop(described);
    perform pg_temp.dbt_pgtrickle_trial_create(described);
    -- what is slow once or twice may have waited for something else
    for attempt in 1..3 loop
      started := clock_timestamp();
      for relation in select value from jsonb_array_elements(described -> 'relations') where value ->> 'target' is not null loop
        execute format('delete from %1$s where ctid in (select ctid from %1$s order by ctid desc limit 5)', relation ->> 'target');
      end loop;
      if described ->> 'mode' <> 'IMMEDIATE' then
        started := clock_timestamp();
      end if;
      perform pg_temp.dbt_pgtrickle_trial_refresh(described);
      answer := pg_temp.dbt_pgtrickle_trial_pace(described, extract(epoch from clock_timestamp() - started) * 1000);
      grown := former ? 'refresh_ms' and (answer ->> 'refresh_ms')::float8
        > greatest(200, 7 * (former ->> 'refresh_ms')::float8, 5 * (answer ->> 'query_ms')::float8);
      exit when not answer ? 'outcome' and not grown;
    end loop;
    exit when answer ? 'outcome';
    if grown then
      answer := answer || jsonb_build_object('outcome', 'slow', 'change', format(
        'a few changes: a refresh took %s ms of %s rows, %s ms of %s', former -> 'refresh_ms', sizes[1], answer -> 'refresh_ms', more));
    end if;
    former := answer;
  end loop;
  return answer;
exception
  when query_canceled then raise;
  when unique_violation then return '{}'; -- rows as like as these copies may never come
  when others then return pg_temp.dbt_pgtrickle_trial_fault('fails', sqlstate, sqlerrm) || '{"change": "more rows"}';
end
  {%- endset -%}
  {%- set pace -%}
declare
  started timestamptz;
  query_ms float8;
  slow boolean;
begin
  -- a query that waited for something else once would look as slow as a refresh
  for attempt in 1..3 loop
    started := clock_timestamp();
    perform pg_temp.dbt_pgtrickle_trial_ask(described);
    query_ms := least(query_ms, extract(epoch from clock_timestamp() - started) * 1000);
    slow := refresh_ms > greatest(500, 10 * query_ms, 3 * (described ->> 'create_ms')::float8)
      or (described ->> 'mode' = 'DIFFERENTIAL' and query_ms > 30 and refresh_ms > 2.5 * query_ms);
    exit when not slow;
  end loop;
  return jsonb_build_object('refresh_ms', round(refresh_ms::numeric, 1), 'query_ms', round(query_ms::numeric, 1))
    || case when slow then jsonb_build_object('outcome', 'slow', 'change',
      format('a few changes: a refresh took %s ms, the query itself %s ms', round(refresh_ms), round(query_ms))) else '{}' end;
end
  {%- endset -%}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_rows(described jsonb)', 'jsonb', 'plpgsql', rows) }}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_words(before jsonb, after jsonb)', 'jsonb', 'sql', words) }}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_smallest(described jsonb, statements text[], outcome text, deadline timestamptz)',
    'jsonb', 'plpgsql', smallest) }}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_pace(described jsonb, refresh_ms float8)', 'jsonb', 'plpgsql', pace) }}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_measure(described jsonb)', 'jsonb', 'plpgsql', measure) }}
{%- endmacro %}
