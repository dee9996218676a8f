{#- SQL that has every refresh wait until the transactions are over that have written to what it reads, at most a second; then it is left out and
    tried again (by hand: an error). pg_trickle notes down how far it has read by the position in the WAL at which a change was
    written, not committed: what a transaction writes, and commits after a refresh that others' changes caused, is lost for ever,
    without a sign (0.67.0, each time; its own frontier_holdback_mode doesn't see a session that is idle in transaction). Pure. -#}
{% macro pgtrickle__wait_for_writers() -%}
  {%- set body -%}
declare
  deadline constant timestamptz := clock_timestamp() + interval '1 s';
  writers text[];
  processes text;
begin
  begin
    select array_agg(distinct held.virtualtransaction), string_agg(distinct 'process ' || held.pid, ', ') into writers, processes
    from pgtrickle.pgt_dependencies dependency
    join pgtrickle.pgt_change_tracking tracking using (source_relid)
    join pg_class buffer on buffer.relname = 'changes_' || tracking.source_stable_name
      and buffer.relnamespace = to_regnamespace(quote_ident(coalesce(current_setting('pg_trickle.change_buffer_schema', true), 'pgtrickle_changes')))
    join pg_locks held on held.relation = buffer.oid and held.mode = 'RowExclusiveLock' and held.granted
      and held.database = (select oid from pg_database where datname = current_database())
      and held.pid is distinct from pg_backend_pid()
    left join pg_stat_activity session on session.pid = held.pid
    where dependency.pgt_id = new.pgt_id and coalesce(session.backend_type, session.application_name, '') not like 'pg_trickle%';
  exception when others then -- a catalog of another version: as it would be without
    return new;
  end;
  while exists (select from pg_locks where virtualtransaction = any (writers)) loop
    if clock_timestamp() < deadline then
      perform pg_sleep(0.02);
    elsif new.initiated_by = 'MANUAL' then
      raise exception 'a transaction that has written to what it reads is not over: %', processes
        using errcode = 'object_in_use', hint = 'Refresh it once that one has committed or rolled back.';
    else
      return null;
    end if;
  end loop;
  return new;
end
  {%- endset -%}
create or replace function pgtrickle.dbt_wait_for_writers() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as {{ pgtrickle__literal(body) }};
create or replace trigger dbt_wait_for_writers before insert on pgtrickle.pgt_refresh_history
for each row when (new.status = 'RUNNING') execute function pgtrickle.dbt_wait_for_writers()
{%- endmacro %}
