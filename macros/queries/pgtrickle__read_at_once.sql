{#- SQL that has a refresh of pg_trickle's scheduler read changes and tables as they are at one moment. A tick notes one position in the WAL
    and applies the changes up to there, but joins them with, and looks for another minimum in, tables as they are when each turn comes:
    what others committed in between is counted twice or never (0.67.0: three writers for twelve seconds, and in one run of two
    a minimum, or a sum over a join, was wrong for ever). So a turn shuts the change buffers of its tables until the tick is over, counts
    what came later as come by then, and notes where it has read to. FULL, which only recomputes, needs none of it. Where one goes on
    writing, or more than 10,000 changes came, its turn is left out.
    Writers wait as long as a tick has shut what they write to. So what took long the last time isn't refreshed in such a tick, nor is
    anything once a writer has waited for a quarter of a second: the next tick begins with what was postponed.
    Pure; a part of pgtrickle__wait_for_writers. -#}
{% macro pgtrickle__read_at_once() -%}
  {%- set begun -%}
declare
  noted constant pg_lsn := (to_jsonb(new) ->> 'tick_watermark_lsn')::pg_lsn;
  turn constant text := new.pgt_id;
  shut_since constant timestamptz := nullif(current_setting('dbt_pgtrickle.shut_since', true), '')::timestamptz;
  deadline constant timestamptz := clock_timestamp() + case when shut_since is null then interval '1 s' else interval '0.1 s' end;
  was_postponed constant boolean := coalesce(nullif(current_setting('dbt_pgtrickle.postponed', true), ''), '{}')::jsonb ? turn;
  took constant jsonb := coalesce(nullif(current_setting('dbt_pgtrickle.took', true), ''), '{}');
  postponed jsonb;
  buffers jsonb;
  buffer record;
  later jsonb;
  moved jsonb := '[]';
  reached pg_lsn;
begin
  perform set_config('dbt_pgtrickle.reading', '', true);
  begin
    select jsonb_agg(jsonb_build_object('source', d.source_relid, 'name', b.oid::regclass,
      'read', s.frontier #>> array['sources', d.source_relid::text, 'lsn']) order by b.oid) into buffers
    from pgtrickle.pgt_stream_tables s
    join pgtrickle.pgt_dependencies d using (pgt_id)
    join pgtrickle.pgt_change_tracking t on t.source_relid = d.source_relid
    join pg_class b on b.relname = 'changes_' || t.source_stable_name
      and b.relnamespace = {{ pgtrickle__buffers_namespace() }}
    where s.pgt_id = new.pgt_id and s.refresh_mode <> 'FULL' and upper(d.cdc_mode) = 'TRIGGER';
  exception when others then -- a catalog of another version: as it would be without
    return new;
  end;
  -- one that isn't due any more, since somebody refreshed it by hand, doesn't keep the others waiting
  select coalesce(jsonb_object_agg(key, value), '{}') into postponed
  from jsonb_each_text(coalesce(nullif(current_setting('dbt_pgtrickle.postponed', true), ''), '{}')::jsonb)
  where value::timestamptz > clock_timestamp() - interval '10 s' and key <> turn;
  if shut_since is not null and (took ? turn or shut_since < clock_timestamp() - interval '0.25 s' and exists (
    select from pg_locks waiting join pg_locks held on held.relation = waiting.relation and held.database = waiting.database
    where not waiting.granted and held.granted and held.pid = pg_backend_pid() and held.mode = 'ShareLock'
  )) then
    perform set_config('dbt_pgtrickle.postponed', (postponed || jsonb_build_object(turn, clock_timestamp()))::text, false);
    return null;
  elsif postponed <> '{}' and buffers is not null and not was_postponed then
    return null;
  end if;
  perform set_config('dbt_pgtrickle.postponed', postponed::text, false),
    set_config('dbt_pgtrickle.turn', jsonb_build_object('pgt_id', turn, 'begun', clock_timestamp())::text, true);
  if buffers is null or noted is null then
    return new;
  end if;
  loop
    begin
      -- those that write wait behind it, so not for long at a time
      for buffer in select value ->> 'name' as name from jsonb_array_elements(buffers) loop
        execute format('lock table %s in share mode', buffer.name);
      end loop;
      exit;
    exception when lock_not_available or deadlock_detected then
      if clock_timestamp() > deadline then
        return null;
      end if;
      perform pg_sleep(0.02);
    end;
  end loop;
  perform set_config('dbt_pgtrickle.shut_since', coalesce(shut_since, clock_timestamp())::text, true);
  reached := pg_current_wal_insert_lsn();
  begin
    for buffer in
      select value ->> 'name' as name, (value ->> 'read')::pg_lsn as read from jsonb_array_elements(buffers)
    loop
      execute format('select jsonb_object_agg(change_id, lsn) from (select change_id, lsn from %s where lsn > $1 limit 10001) as changes',
        buffer.name) into later using noted;
      continue when later is null;
      -- a snapshot that somebody holds keeps the position back, behind what was read already
      if buffer.read >= noted or (select count(*) from jsonb_object_keys(later)) > 10000 then
        raise exception using errcode = 'PGT06', message = 'its turn is left out';
      end if;
      execute format('update %s set lsn = $1 where lsn > $1', buffer.name) using noted;
      moved := moved || jsonb_build_array(jsonb_build_object('buffer', buffer.name, 'changes', later));
    end loop;
  exception when sqlstate 'PGT06' then
    return null;
  end;
  perform set_config('dbt_pgtrickle.reading', jsonb_build_object('pgt_id', new.pgt_id, 'reached', reached, 'moved', moved,
    'sources', (select jsonb_agg(value ->> 'source') from jsonb_array_elements(buffers)))::text, true);
  return new;
end
  {%- endset -%}
  {%- set over -%}
declare
  reading jsonb := nullif(current_setting('dbt_pgtrickle.reading', true), '')::jsonb;
  is_its_own constant boolean := coalesce((reading ->> 'pgt_id')::bigint = new.pgt_id, false);
  turn constant jsonb := nullif(current_setting('dbt_pgtrickle.turn', true), '')::jsonb;
  took jsonb;
  piece record;
  position pg_lsn;
begin
  if is_its_own and reading -> 'moved' <> '[]' then
    -- others have yet to read them
    for piece in select value ->> 'buffer' as buffer, value -> 'changes' as changes from jsonb_array_elements(reading -> 'moved') loop
      execute format('update %s as b set lsn = c.value::pg_lsn from jsonb_each_text($1) as c where b.change_id = c.key::bigint',
        piece.buffer) using piece.changes;
    end loop;
    perform set_config('dbt_pgtrickle.reading', (reading || '{"moved": []}')::text, true);
  end if;
  if tg_table_name = 'pgt_refresh_history' and turn ->> 'pgt_id' = new.pgt_id::text then
    took := coalesce(nullif(current_setting('dbt_pgtrickle.took', true), ''), '{}')::jsonb - (turn ->> 'pgt_id');
    if (turn ->> 'begun')::timestamptz < clock_timestamp() - interval '0.25 s' then
      took := took || jsonb_build_object(turn ->> 'pgt_id', clock_timestamp() - (turn ->> 'begun')::timestamptz);
    end if;
    perform set_config('dbt_pgtrickle.took', took::text, false);
  end if;
  if tg_table_name = 'pgt_stream_tables' then
    for piece in
      select key as source, (value ->> 'lsn')::pg_lsn as lsn
      from jsonb_each(case when jsonb_typeof(new.frontier -> 'sources') = 'object' then new.frontier -> 'sources' else '{}' end)
    loop
      position := old.frontier #>> array['sources', piece.source, 'lsn'];
      if position > pg_current_wal_insert_lsn() then -- of another server, whose copy this one is
        position := null;
      end if;
      if is_its_own and reading -> 'sources' ? piece.source then
        position := greatest(position, (reading ->> 'reached')::pg_lsn);
      end if;
      if position > piece.lsn then
        new.frontier := jsonb_set(new.frontier, array['sources', piece.source, 'lsn'], to_jsonb(position::text));
      end if;
    end loop;
  end if;
  return new;
end
  {%- endset -%}
  create or replace function pgtrickle.dbt_wait_then_read() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '50ms' as {{ pgtrickle__literal(begun) }};
  create or replace function pgtrickle.dbt_have_read() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp as {{ pgtrickle__literal(over) }};
  -- after dbt_wait_for_writers, since triggers go by their names
  create or replace trigger dbt_wait_then_read before insert on pgtrickle.pgt_refresh_history
  for each row when (new.status = 'RUNNING' and new.initiated_by is distinct from 'MANUAL')
  execute function pgtrickle.dbt_wait_then_read();
  create or replace trigger dbt_have_read before update on pgtrickle.pgt_refresh_history
  for each row when (new.status <> 'RUNNING') execute function pgtrickle.dbt_have_read();
  create or replace trigger dbt_have_read before update of frontier on pgtrickle.pgt_stream_tables
  for each row when (new.frontier is distinct from old.frontier) execute function pgtrickle.dbt_have_read();
{%- endmacro %}
