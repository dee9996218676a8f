{#- What a trial does again and again. described: from dbt_pgtrickle_trial_fill, with `subject` (the stream table's name as the extension
    takes it), `query` (what it has), `wanted` (what counts), `mode`, `path` and `eager` (it never falls back to a full refresh).
    pg_temp.dbt_pgtrickle_trial_create(described jsonb): creates the stream table, with the further arguments of `create`.
    pg_temp.dbt_pgtrickle_trial_difference(described jsonb): compares. Gives {rows, mark: of the query's result} and, where they differ,
    fault: {outcome, expected, found}. pg_temp.dbt_pgtrickle_trial_round(described jsonb, statements text[], size int): changes at most so
    many rows by each statement, refreshes, compares. Gives the same with {incremental, refresh_ms}, or {skipped} where the query itself
    fails on what the change made. pg_temp.dbt_pgtrickle_trial_change(statements text[], size int),
    pg_temp.dbt_pgtrickle_trial_refresh(described jsonb): its parts.
    pg_temp.dbt_pgtrickle_trial_ask(described jsonb): computes the whole result of the query itself.
    pg_temp.dbt_pgtrickle_trial_possible(described jsonb): whether the query itself works on what the copies hold, and the views that it
    reads. pg_temp.dbt_pgtrickle_trial_unseen(described jsonb): the tables that it reads without watching them, null if none.
    pg_temp.dbt_pgtrickle_trial_fault(outcome text, state text, message text): a verdict's part about an error. -#}
{% macro pgtrickle__trial_round_functions() -%}
  {%- set create -%}
begin
  perform pg_temp.dbt_pgtrickle_do(format('select pgtrickle.create_stream_table(%s)', string_agg(format('%I => %L', key, value), ', ')),
    described ->> 'path')
  from jsonb_each_text(coalesce(nullif(described -> 'create', 'null'), '{}') || jsonb_build_object('name', described ->> 'subject', 'query',
    described ->> 'query', 'refresh_mode', described ->> 'mode')
    || case when described ->> 'mode' = 'IMMEDIATE' then '{}' else '{"schedule": "52w"}'::jsonb end);
  {{ pgtrickle__unique_rows("described ->> 'subject'") }}
  if (select count(*) from pg_index where indrelid = to_regclass(described ->> 'subject')) > 1 then
    -- the statements that this session keeps ready are of before
    perform pg_temp.dbt_pgtrickle_do(format('select pgtrickle.alter_stream_table(%L, schedule => %L)', described ->> 'subject', '51w'),
      described ->> 'path');
  end if;
end
  {%- endset -%}
  {%- set difference -%}
declare
  terms text;
  answer jsonb;
  types text;
begin
  -- a stream table keeps no modifiers, but types and order it must keep
  select string_agg(format('%s is %s instead of %s', wanted ->> 'name', coalesce(format_type(held.atttypid, null), 'missing'),
    wanted ->> 'type'), '; ')
  into types
  from jsonb_array_elements(described -> 'columns') with ordinality as columns (wanted, place)
  left join (
    select attname, atttypid, row_number() over (order by attnum) as place from pg_attribute
    where attrelid = (described ->> 'subject')::regclass and attnum > 0 and not attisdropped and not starts_with(attname, '__pgt_')
  ) as held on held.place = columns.place and held.attname = wanted ->> 'name'
  where held.atttypid is distinct from (wanted ->> 'typeid')::oid;
  if types is not null then
    return jsonb_build_object('rows', 0, 'mark', '', 'fault',
      jsonb_build_object('outcome', 'wrong', 'error', jsonb_build_object('message', types)));
  end if;
  select string_agg(value ->> 'term', ', ' order by ordinality) into terms
  from jsonb_array_elements(described -> 'columns') with ordinality;
  answer := pg_temp.dbt_pgtrickle_json(format('with wanted as materialized (select %1$s from (%2$s
) as query_result), held as materialized (select %1$s from %3$s),
extra as (table held except all table wanted), missing as (table wanted except all table held)
select pg_catalog.jsonb_build_object(''rows'', (select pg_catalog.count(*) from wanted),
  ''mark'', (select pg_catalog.md5(pg_catalog.string_agg(w::text, '','' order by w::text)) from wanted as w),
  ''expected'', (select pg_catalog.jsonb_agg(pg_catalog.to_jsonb(m)) from (select * from missing limit 3) as m),
  ''found'', (select pg_catalog.jsonb_agg(pg_catalog.to_jsonb(e)) from (select * from extra limit 3) as e))',
    terms, described ->> 'wanted', described ->> 'subject'), described ->> 'path');
  if answer -> 'expected' <> 'null' or answer -> 'found' <> 'null' then
    answer := answer || jsonb_build_object('fault', jsonb_build_object('outcome', 'wrong', 'expected', answer -> 'expected', 'found',
      answer -> 'found'));
  end if;
  return answer;
end
  {%- endset -%}
  {%- set round -%}
declare
  -- fewer changes than rows, or it falls back to a full refresh
  room constant int := case when (described ->> 'eager')::boolean or (described ->> 'held')::int < 10 then size
    else least(size, greatest(1, (described ->> 'held')::int / 4)) end;
  answer jsonb := '{}';
  made jsonb;
  seen jsonb := '{"skipped": true}';
  started timestamptz;
  took float8;
  incremental boolean;
begin
  begin
    begin
      started := clock_timestamp();
      made := pg_temp.dbt_pgtrickle_trial_change(statements, room);
      if described ->> 'mode' = 'IMMEDIATE' and (made ->> 'refused')::int > 0 then
        answer := made - 'refused';
        raise exception using errcode = 'PGT02', message = 'back to where the round began';
      end if;
      if described ->> 'mode' <> 'IMMEDIATE' then
        started := clock_timestamp();
      end if;
      perform pg_temp.dbt_pgtrickle_trial_refresh(described);
    exception when others then
      answer := case when sqlstate = 'PGT02' then answer else pg_temp.dbt_pgtrickle_trial_fault('fails', sqlstate, sqlerrm) end;
      raise exception using errcode = 'PGT02', message = 'back to where the round began';
    end;
    took := extract(epoch from clock_timestamp() - started) * 1000;
    select to_jsonb(s) ->> 'effective_refresh_mode' is distinct from 'FULL' or described ->> 'mode' <> 'DIFFERENTIAL' into incremental
    from pgtrickle.pgt_stream_tables s where pgt_relid = (described ->> 'subject')::regclass;
    begin
      answer := pg_temp.dbt_pgtrickle_trial_difference(described) || jsonb_build_object('incremental', incremental, 'refresh_ms', took);
    exception when others then
      answer := '{"skipped": true}';
      raise exception using errcode = 'PGT03', message = 'the query itself fails on this';
    end;
  exception
    when sqlstate 'PGT02' then
      -- is it the query's own fault?
      begin
        -- without the stream table's triggers, which an IMMEDIATE one has
        perform pg_temp.dbt_pgtrickle_trial_drop(described);
        if (pg_temp.dbt_pgtrickle_trial_change(statements, room) ->> 'refused')::int >= nullif((made ->> 'refused')::int, 0) then
          raise exception 'the tables themselves refuse it';
        end if;
        if pg_temp.dbt_pgtrickle_trial_possible(described) then
          seen := jsonb_build_object('fault', answer);
        end if;
        raise exception using errcode = 'PGT04', message = 'back to where the round began';
      exception when others then null;
      end;
      return seen;
    when sqlstate 'PGT03' then null;
  end;
  return answer;
end
  {%- endset -%}
  {%- set change -%}
declare
  statement text;
  answer jsonb := '{"refused": 0}';
begin
  foreach statement in array statements loop
    begin
      execute replace(statement, '{n}', size::text);
    exception when integrity_constraint_violation or data_exception then -- what the tables don't take isn't tried
      answer := jsonb_build_object('refused', (answer ->> 'refused')::int + 1) || pg_temp.dbt_pgtrickle_trial_fault('fails', sqlstate,
        sqlerrm);
    end;
  end loop;
  return answer;
end
  {%- endset -%}
  {%- set refresh -%}
begin
  if described ->> 'mode' <> 'IMMEDIATE' then
    perform pg_temp.dbt_pgtrickle_do(format('select pgtrickle.refresh_stream_table(%L)', described ->> 'subject'), described ->> 'path');
  end if;
end
  {%- endset -%}
  {%- set ask -%}
begin
  perform pg_temp.dbt_pgtrickle_do(format('select count(result::text) from (%s
) as result', described ->> 'wanted'), described ->> 'path');
end
  {%- endset -%}
  {%- set possible -%}
declare
  viewed text;
begin
  perform pg_temp.dbt_pgtrickle_trial_ask(described);
  -- an engine may compute the columns of a view too that the query leaves out
  for viewed in select value ->> 'copy' from jsonb_array_elements(described -> 'relations') where value ->> 'kind' = 'v' loop
    perform pg_temp.dbt_pgtrickle_do(format('select count(viewed::text) from %s as viewed', viewed), described ->> 'path');
  end loop;
  return true;
exception when others then return false;
end
  {%- endset -%}
  {%- set unseen -%}
select string_agg(value ->> 'name', ', ')
from jsonb_array_elements(described -> 'relations')
where value ->> 'kind' in ('r', 'p', 'f') and (value ->> 'given')::boolean
  and not exists (
    select from pgtrickle.pgt_dependencies d join pgtrickle.pgt_stream_tables s using (pgt_id)
    where s.pgt_relid = (described ->> 'subject')::regclass and d.source_relid = (value ->> 'copy')::regclass)
  {%- endset -%}
  {%- set fault -%}
select jsonb_build_object('outcome', outcome, 'error', jsonb_build_object('sqlstate', state,
  'message', {{ pgtrickle__error_message('message') }}))
  {%- endset -%}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_fault(outcome text, state text, message text)', 'jsonb', 'sql', fault) }}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_create(described jsonb)', 'void', 'plpgsql', create) }}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_difference(described jsonb)', 'jsonb', 'plpgsql', difference) }}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_change(statements text[], size int)', 'jsonb', 'plpgsql', change) }}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_refresh(described jsonb)', 'void', 'plpgsql', refresh) }}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_ask(described jsonb)', 'void', 'plpgsql', ask) }}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_possible(described jsonb)', 'boolean', 'plpgsql', possible) }}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_unseen(described jsonb)', 'text', 'sql', unseen) }}
{{ pgtrickle__pinned_function('dbt_pgtrickle_trial_round(described jsonb, statements text[], size int)', 'jsonb', 'plpgsql', round) }}
{%- endmacro %}
