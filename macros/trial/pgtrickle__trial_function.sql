{#- pg_temp.dbt_pgtrickle_trial(query text, mode text, options jsonb): does the installed engine keep this query right?
    Makes a stream table of it on copies of what it reads, changes them systematically, and after each round compares it with the query
    itself: types, order of columns, values, duplicates. All of it is rolled back; no source is written to, and none stays locked.
    mode: DIFFERENTIAL | FULL | IMMEDIATE. options: {seconds, rows: of each source, rounds: random ones after the systematic, seed,
    same_as: another query, whose result counts instead, create: further arguments of create_stream_table, search_path: of the query,
    brief: not to look for the smallest change that shows a fault, pieces: {name: query} of tables that stand for stream tables,
    keys: {name: [column]} that tables without a key are to have, read: whether another stream table is to read it}.
    Gives {outcome: right | wrong | fails | refused | slow | unproved | untried, unfinished: why it is unproved, mode, version, rounds,
    moved: rounds in which the result changed incrementally, seconds, refresh_ms, query_ms, change: the smallest that showed it, expected,
    found, error, read: whether another one read it, notes}. The caller's statement_timeout ends a refresh that doesn't end: that is slow,
    when the seconds are over by then. -#}
{% macro pgtrickle__trial_function() -%}
  {%- set body -%}
declare
  began constant timestamptz := clock_timestamp();
  deadline constant timestamptz := began + make_interval(secs => coalesce((options ->> 'seconds')::float8, 3));
  last constant timestamptz := began + 20 * (deadline - began);
  path constant text := coalesce(options ->> 'search_path', current_setting('search_path'));
  prefix constant text := 'pgtrickle_trial_' || pg_backend_pid();
  verdict jsonb := jsonb_build_object('outcome', 'right', 'mode', mode, 'rounds', 0, 'moved', 0, 'notes', '[]'::jsonb,
    'version', (select max(extname || ' ' || extversion) from pg_extension where extname in ('pg_trickle', 'pg_trickle_lite')));
  notes jsonb := '[]';
  described jsonb;
  step record;
  seen jsonb;
  times float8[];
  refresh_ms float8;
  started timestamptz;
  unseen text;
  determined jsonb;
  unfinished boolean := false;
  doing text := 'looking at what it reads';
begin
  if not has_database_privilege(current_database(), 'create') then
    return verdict || jsonb_build_object('outcome', 'untried', 'notes', jsonb_build_array(format(
      'the role %1$s may not create the schema that a trial needs: grant create on database %2$I to %1$I', current_user,
        current_database())));
  end if;
  begin
    begin
      begin
        described := pg_temp.dbt_pgtrickle_trial_sources(query, path, options);
      exception when sqlstate 'PGT01' then
        verdict := verdict || pg_temp.dbt_pgtrickle_trial_fault('refused', '42000', sqlerrm);
        raise exception using errcode = 'PGT00', message = 'rolled back on purpose';
      end;
      if described ->> 'clock' is not null then
        -- no engine refreshes because time passes, not even in full (0.67.0 records NO_DATA)
        verdict := verdict || jsonb_build_object('outcome', 'wrong', 'change', format('time passes and no source changes (it reads %s)',
          described ->> 'clock'));
        raise exception using errcode = 'PGT00', message = 'rolled back on purpose';
      end if;
      select max(value ->> 'what') into unseen from jsonb_array_elements(described -> 'hidden')
      where mode <> 'FULL' or not (value ->> 'watched')::boolean;
      if unseen is not null then
        verdict := verdict || jsonb_build_object('outcome', 'wrong', 'change', format('changes of %s: it doesn''t watch that', unseen));
        raise exception using errcode = 'PGT00', message = 'rolled back on purpose';
      end if;
      doing := 'copying what it reads';
      described := pg_temp.dbt_pgtrickle_trial_fill(pg_temp.dbt_pgtrickle_trial_copy(described, prefix));
      described := described || jsonb_build_object('path', path, 'mode', mode, 'subject', prefix || '.subject', 'asked',
        coalesce(options ->> 'same_as', query),
        'query', pg_temp.dbt_pgtrickle_rename(query, described -> 'names'), 'create', options -> 'create', 'eager', true);
      described := described || jsonb_build_object('wanted', pg_temp.dbt_pgtrickle_rename(described ->> 'asked', described -> 'names'));
      notes := described -> 'notes';
      begin
        -- a big part of a small table changes, which alone would make it a full refresh
        set local pg_trickle.refresh_strategy = 'differential';
      exception when insufficient_privilege then
        described := described || '{"eager": false}';
      end;

      if not pg_temp.dbt_pgtrickle_trial_possible(described) then
        notes := notes || '["the query itself fails on some made rows, which were left out"]';
        perform pg_temp.dbt_pgtrickle_trial_remake(described);
        perform pg_temp.dbt_pgtrickle_trial_ask(described);
      end if;
      doing := 'its first fill';
      started := clock_timestamp();
      begin
        perform pg_temp.dbt_pgtrickle_trial_create(described);
      exception when others then
        verdict := verdict || pg_temp.dbt_pgtrickle_trial_fault('refused', sqlstate, sqlerrm);
        raise exception using errcode = 'PGT00', message = 'rolled back on purpose';
      end;
      unseen := pg_temp.dbt_pgtrickle_trial_unseen(described);
      if unseen is not null then
        -- a manual refresh fills it anew and hides that the scheduler never will
        verdict := verdict || jsonb_build_object('outcome', 'wrong', 'change', format('changes of %s, which it doesn''t watch', unseen));
        raise exception using errcode = 'PGT00', message = 'rolled back on purpose';
      end if;
      if (options ->> 'read')::boolean then
        described := pg_temp.dbt_pgtrickle_trial_reader(described, prefix);
        verdict := verdict || jsonb_build_object('read', described ? 'reader');
      end if;
      -- how fast this machine is just now
      described := described || jsonb_build_object('create_ms', extract(epoch from clock_timestamp() - started) * 1000);
      seen := pg_temp.dbt_pgtrickle_trial_difference(described);
      if seen ? 'fault' and pg_temp.dbt_pgtrickle_trial_determined(described) is null then
        verdict := verdict || jsonb_build_object('change', doing) || (seen -> 'fault');
        raise exception using errcode = 'PGT00', message = 'rolled back on purpose';
      end if;
      described := described || jsonb_build_object('mark', seen -> 'mark', 'held', seen -> 'rows');

      for step in
        select words, statements, counted, true as systematic, false as beside from pg_temp.dbt_pgtrickle_trial_rounds(described)
        union all
        select words, statements, false, false, false from pg_temp.dbt_pgtrickle_trial_random(described,
          coalesce((options ->> 'rounds')::int, 0), coalesce((options ->> 'seed')::int, 1))
        union all
        -- once more beside stream tables that read all columns
        select words, statements, false, true, true
        from (select 1 where mode = 'DIFFERENTIAL' and pg_temp.dbt_pgtrickle_trial_overlooks(described) offset 0) as once
        cross join lateral pg_temp.dbt_pgtrickle_trial_rounds(described)
        where array_to_string(statements, ';') ~* '\mupdate\M'
      loop
        if step.beside and not described ? 'beside' then
          doing := 'its first fill beside other stream tables';
          described := described || jsonb_build_object('beside', true, 'subject', prefix || '.beside');
          perform pg_temp.dbt_pgtrickle_trial_company(described, prefix);
          perform pg_temp.dbt_pgtrickle_trial_create(described);
          seen := pg_temp.dbt_pgtrickle_trial_difference(described);
          described := described || jsonb_build_object('mark', seen -> 'mark', 'held', seen -> 'rows');
        end if;
        continue when step.counted and (described ->> 'plain')::boolean and (verdict ->> 'moved')::int > 8;
        -- the systematic rounds are the proof; of FULL, which recomputes whatever changed, a few that change its result
        if clock_timestamp() > (case
          when step.systematic and (mode <> 'FULL' or (verdict ->> 'moved')::int < 3) then last else deadline end) then
          notes := notes || to_jsonb(format('time was up after %s rounds', verdict ->> 'rounds'));
          unfinished := step.systematic and mode <> 'FULL';
          exit;
        end if;
        if clock_timestamp() > deadline and mode <> 'FULL' and refresh_ms is null and times <> '{}' then
          select percentile_cont(0.5) within group (order by taken) into refresh_ms from unnest(times) as taken;
          verdict := verdict || pg_temp.dbt_pgtrickle_trial_pace(described, refresh_ms);
          exit when verdict ->> 'outcome' = 'slow';
        end if;
        doing := 'a refresh after: ' || step.words;
        begin
          seen := pg_temp.dbt_pgtrickle_trial_round(described, step.statements, 100000);
          determined := case when seen -> 'fault' ->> 'outcome' = 'wrong' then pg_temp.dbt_pgtrickle_trial_determined(described) end;
          if determined is not null then
            described := described || jsonb_build_object('determined', determined);
            seen := '{"skipped": "it has several right answers"}';
            notes := (notes - 'its query has several right results') || '["its query has several right results"]';
          end if;
          if seen ?| array['fault', 'skipped'] then
            raise exception using errcode = 'PGT05', message = 'back to where the round began';
          end if;
        exception when sqlstate 'PGT05' then null;
        end;
        continue when seen ? 'skipped';
        verdict := verdict || jsonb_build_object('rounds', (verdict ->> 'rounds')::int + 1);
        if seen ? 'fault' then
          verdict := verdict || jsonb_build_object('change', step.words) || (seen -> 'fault')
            -- of that there is no smaller part
            || case when (options ->> 'brief')::boolean or step.words ~ 'is truncated' then '{}' else
              pg_temp.dbt_pgtrickle_trial_smallest(described, step.statements, seen -> 'fault' ->> 'outcome',
                greatest(deadline, clock_timestamp() + interval '0.3 s')) end;
          exit;
        end if;
        if seen ->> 'mark' is distinct from described ->> 'mark' and (seen ->> 'incremental')::boolean then
          verdict := verdict || jsonb_build_object('moved', (verdict ->> 'moved')::int + 1);
        end if;
        times := times || (seen ->> 'refresh_ms')::float8;
        described := described || jsonb_build_object('mark', seen -> 'mark', 'held', seen -> 'rows');
      end loop;

      select percentile_cont(0.5) within group (order by taken) into refresh_ms from unnest(times) as taken;
      if verdict ->> 'outcome' = 'right' and mode <> 'FULL' then
        doing := 'a refresh of more rows';
        verdict := verdict || jsonb_strip_nulls(pg_temp.dbt_pgtrickle_trial_pace(described, refresh_ms));
        if verdict ->> 'outcome' = 'right' and ((described ->> 'subqueries')::boolean or jsonb_array_length(described -> 'joins') > 1) then
          verdict := verdict || pg_temp.dbt_pgtrickle_trial_measure(described);
        end if;
      end if;
      raise exception using errcode = 'PGT00', message = 'rolled back on purpose';
    exception
      when sqlstate 'PGT00' then null;
      when query_canceled then
        -- somebody else's cancel is theirs
        if clock_timestamp() < deadline then raise; end if;
        if described ? 'create_ms' or doing = 'its first fill' then
          verdict := verdict || jsonb_build_object('outcome', 'slow', 'change', doing);
        else
          verdict := verdict || jsonb_build_object('outcome', 'untried');
          notes := notes || to_jsonb(format('time was up while %s', doing));
        end if;
      when others then
        -- a trial that fails by itself says nothing about the query
        verdict := verdict || jsonb_build_object('outcome', 'untried');
        notes := notes || to_jsonb(format('the trial itself failed: %s (%s)', sqlerrm, doing));
    end;
  exception when query_canceled then
    -- what ends the statement may come while what was made goes
    if clock_timestamp() < last then raise; end if;
    unfinished := true;
    notes := notes || '["time was up"]';
  end;
  if verdict ->> 'outcome' = 'right' and (unfinished or (verdict ->> 'moved')::int = 0) then
    verdict := verdict || jsonb_build_object('outcome', 'unproved', 'unfinished', unfinished);
  end if;
  return jsonb_build_object('refresh_ms', refresh_ms) || verdict || jsonb_build_object(
    'notes', notes, 'seconds', round(extract(epoch from clock_timestamp() - began)::numeric, 3));
end
  {%- endset -%}
{{ pgtrickle__trial_round_functions() }}
{{ pgtrickle__trial_doubt_functions() }}
{{ pgtrickle__trial_determined_functions() }}
{{ pgtrickle__trial_random_function() }}
{{ pgtrickle__trial_company_functions() }}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial(query text, mode text, options jsonb)', 'jsonb', 'plpgsql', body) }}
{%- endmacro %}
