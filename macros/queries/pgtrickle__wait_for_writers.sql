{#- SQL that has pg_trickle wait for the transactions that write to what a stream table reads. It notes down how far it has read by the
    position in the WAL at which a change was written, not committed: what a transaction writes, and commits after a refresh that others'
    changes caused, is lost for ever, without a sign (0.67.0, each time; its own frontier_holdback_mode doesn't see a session that is idle
    in transaction). A refresh of the scheduler, which noted the position before, waits until those are over that have written by then, at
    most a second; then it is left out and tried again. One by hand and a fill note it at their end (of 3,800 rows that others wrote in
    eight seconds, each of these lost 11 to 41): no one may write until they are committed, as with a source's first stream table; where
    one goes on writing, they end in an error. By the rights of whoever makes it. Pure. -#}
{% macro pgtrickle__wait_for_writers() -%}
  {%- set body -%}
declare
  is_fill constant boolean := tg_table_name <> 'pgt_refresh_history';
  -- of a tick that has shut change buffers (pgtrickle__read_at_once) others may be waiting for its end
  deadline constant timestamptz := clock_timestamp() + case when is_fill then interval '10 s'
    when coalesce(current_setting('dbt_pgtrickle.shut_since', true), '') <> '' then interval '0.1 s' else interval '1 s' end;
  is_scheduled constant boolean := not is_fill and to_jsonb(new) ->> 'initiated_by' is distinct from 'MANUAL';
  sources oid[];
  source record;
  writers text[];
  processes text;
begin
  -- `invoke verify`, in a snapshot
  if coalesce(current_setting('dbt_pgtrickle.rolled_back', true), '') <> '' then
    return new;
  end if;
  begin
    if tg_table_name = 'pgt_dependencies' then
      sources := array[new.source_relid];
    else
      select array_agg(source_relid order by source_relid) into sources from pgtrickle.pgt_dependencies where pgt_id = new.pgt_id;
    end if;
    if is_scheduled then
      select array_agg(distinct held.virtualtransaction) into writers
      from pgtrickle.pgt_change_tracking tracking
      join pg_class buffer on buffer.relname = 'changes_' || tracking.source_stable_name
        and buffer.relnamespace = {{ pgtrickle__buffers_namespace() }}
      join pg_locks held on held.relation = buffer.oid and held.mode = 'RowExclusiveLock' and held.granted
        and held.database = (select oid from pg_database where datname = current_database())
        and held.pid is distinct from pg_backend_pid()
      left join pg_stat_activity session on session.pid = held.pid
      where tracking.source_relid = any (sources) and coalesce(session.backend_type, session.application_name, '') not like 'pg_trickle%';
    end if;
  exception when others then -- a catalog of another version: as it would be without
    return new;
  end;
  if is_scheduled then
    while exists (select from pg_locks where virtualtransaction = any (writers)) loop
      if clock_timestamp() > deadline then
        return null;
      end if;
      perform pg_sleep(0.02);
    end loop;
    return new;
  end if;
  for source in
    select oid, oid::regclass as name, exists (select from pgtrickle.pgt_stream_tables where pgt_relid = oid) as is_stream_table
    from pg_class where oid = any (sources) and relkind in ('r', 'p')
    order by oid
  loop
    loop
      begin
        if not source.is_stream_table then
          execute format('lock table %s in %s mode', source.name, case when is_fill then 'share row exclusive' else 'share' end);
        elsif is_fill then
          -- by which its refreshes take turns; the first one to read it misses what one under way changes
          perform from pgtrickle.pgt_stream_tables where pgt_relid = source.oid for no key update;
        end if;
        exit;
      exception
        when insufficient_privilege then exit;
        when lock_not_available then
          if clock_timestamp() > deadline and not source.is_stream_table then
            select string_agg(distinct 'process ' || pid, ', ') into processes
            from pg_locks where relation = source.oid and granted and mode not in ('AccessShareLock', 'RowShareLock')
              and pid <> pg_backend_pid();
            raise exception 'a transaction that has written to what it reads is not over: %', processes
              using errcode = 'object_in_use', hint = case when is_fill then 'Run it' else 'Refresh it' end
                || ' once that one has committed or rolled back.';
          end if;
      end;
    end loop;
  end loop;
  return new;
end
  {%- endset -%}
  {%- set statements -%}
begin
  -- All three or none: a trial beside, or a refresh, holds one of them and goes on to another, which would be a deadlock. Those in trials
  -- end, since whoever is through waits for us; whoever takes longer is waited for as ever.
  for attempt in 1 .. 600 loop
    begin
      lock table pgtrickle.pgt_stream_tables, pgtrickle.pgt_dependencies, pgtrickle.pgt_refresh_history in share row exclusive mode nowait;
      exit;
    exception when lock_not_available then
      perform pg_catalog.pg_sleep(0.05);
    end;
  end loop;
  -- longer than autovacuum takes to give way
  create or replace function pgtrickle.dbt_wait_for_writers() returns trigger
  language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1500ms' as {{ pgtrickle__literal(body) }};
  create or replace trigger dbt_wait_for_writers before insert on pgtrickle.pgt_refresh_history
  for each row when (new.status = 'RUNNING') execute function pgtrickle.dbt_wait_for_writers();
  create or replace trigger dbt_wait_for_writers before update of refresh_mode on pgtrickle.pgt_stream_tables
  for each row when (new.refresh_mode is distinct from old.refresh_mode) execute function pgtrickle.dbt_wait_for_writers();
  create or replace trigger dbt_wait_for_writers before insert on pgtrickle.pgt_dependencies
  for each row execute function pgtrickle.dbt_wait_for_writers();
  {{ pgtrickle__read_at_once() | trim }}
end
  {%- endset -%}
do {{ pgtrickle__literal(statements) }}
{%- endmacro %}
