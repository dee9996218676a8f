{#- The processes that refresh stream tables in this database. The kind of a backend is hidden from ordinary
    roles, its application name is not. On a read replica it is the primary's that counts, of which only the stream tables' ages tell. -#}
{% macro pgtrickle__scheduler() -%}
select
  count(*) > 0 or pg_is_in_recovery() as running,
  coalesce(current_setting('pg_trickle.enabled', true), 'on') <> 'off' as enabled
from pg_catalog.pg_stat_activity
where datname = current_database()
  and (
    backend_type = 'pg_trickle scheduler'
    or application_name in ('pg_trickle_scheduler', 'pg_trickle_lite scheduler')
  )
{%- endmacro %}
