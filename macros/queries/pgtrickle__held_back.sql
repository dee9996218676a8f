{#- The transaction that has kept incremental refreshes behind for longest, as (cause, remedy); no row: none has for a minute, or for what
    pg_trickle.frontier_holdback_warn_seconds says. Such a refresh goes no further than to where the scheduler was when the oldest
    snapshot was taken that anybody holds on the server, in whatever database, to read or to write: by a running statement, a cursor,
    REPEATABLE READ, a prepared transaction. One that has but written counts while others' statements run. The refreshes go on, take
    nothing in and look fresh (measured on 0.67.0). Who may not see since when a session has its transaction compares its number
    with that of a refresh. -#}
{% macro pgtrickle__held_back() -%}
with patience as (
  select make_interval(secs => coalesce(nullif(current_setting('pg_trickle.frontier_holdback_warn_seconds', true), '0')::int, 60)) as length
),
opened as (
  select
    'process ' || pid as name, usename as owner, application_name, datname, coalesce(state, '') as state, xact_start as since,
    greatest(age(backend_xid), age(backend_xmin)) as age, backend_xid is not null as writes,
    'Have it committed or rolled back; if nobody can, as a superuser: select pg_terminate_backend(' || pid || ')' as remedy
  from pg_catalog.pg_stat_activity
  where coalesce(backend_xid, backend_xmin) is not null and pid <> pg_backend_pid()
    and not starts_with(application_name, 'pg_trickle') and (state <> 'idle' or query = '<insufficient privilege>')
  union all
  select
    'the prepared transaction ' || gid, owner, '', database, '', prepared, age(transaction), true,
    'In its database, as its owner: rollback prepared ' || quote_literal(gid) || '; or commit it'
  from pg_catalog.pg_prepared_xacts
)
select
  name || coalesce(' (' || nullif(concat_ws(', ',
      'user ' || owner, 'application ' || nullif(application_name, ''), 'database ' || datname, nullif(state, '')), '') || ')', '')
    || ' has a transaction open since ' || to_char(coalesce(since, known_since), 'YYYY-MM-DD HH24:MI:SS')
    || ': refreshes take in nothing that was written after that, and look fresh' as cause,
  remedy
from opened
cross join patience
left join lateral (
  select max(start_time) as known_since
  from pgtrickle.pgt_stream_tables
  cross join lateral (
    select start_time, xmin as number
    from pgtrickle.pgt_refresh_history history
    where history.pgt_id = pgt_stream_tables.pgt_id and start_time < now() - length
    order by start_time desc
    limit 1
  ) as earlier
  where since is null and age(number) <= opened.age
) as guess on true
where coalesce(since, known_since) < now() - length
  and coalesce(current_setting('pg_trickle.frontier_holdback_mode', true), 'xmin') <> 'none'
  and coalesce(current_setting('pg_trickle.cdc_mode', true), 'trigger') <> 'wal'
order by opened.age desc, writes desc, since
limit 1
{%- endmacro %}
