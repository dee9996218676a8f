{#- The processes that refresh stream tables in this database, as one row: running, enabled, since (seconds since the stand-in's scheduler
    last gave a sign of life; null: none is given, as by pg_trickle's), busy (a refresh is under way), hangs (no sign of life for too
    long). On a read replica the primary's counts, of which only the stream tables' ages tell. The kind of a backend is hidden from ordinary roles, its application name and its locks are not: the sign of life is an
    advisory lock whose number is the time (tasklib/pg_trickle_lite/heartbeat.py). -#}
{% macro pgtrickle__scheduler() -%}
select *, running and enabled and not busy and coalesce(abs(since) > 30, false) as hangs
from (
  select
    count(session.pid) > 0 or pg_is_in_recovery() as running,
    coalesce(current_setting('pg_trickle.enabled', true), 'on') <> 'off' as enabled,
    (
      select extract(epoch from clock_timestamp())::double precision - max(objid::bigint)
      from pg_catalog.pg_locks
      where locktype = 'advisory' and classid = 1886544493 and objsubid = 2 and granted
        and database = (select oid from pg_catalog.pg_database where datname = current_database())
    ) as since,
    exists (
      select from pg_catalog.pg_locks held
      join pg_catalog.pg_stat_activity worker using (pid)
      where held.locktype = 'virtualxid' and starts_with(worker.application_name, 'pg_trickle')
        and worker.datname = current_database()
    ) as busy
  from pg_catalog.pg_stat_activity session
  where datname = current_database()
    and (
      backend_type = 'pg_trickle scheduler'
      or application_name in ('pg_trickle_scheduler', 'pg_trickle_lite scheduler')
    )
) as seen
{%- endmacro %}
