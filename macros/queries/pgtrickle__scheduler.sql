{#- The processes that refresh stream tables in this database. The kind of a backend is hidden from ordinary
    roles, its application name is not. -#}
{% macro pgtrickle__scheduler() -%}
select
  count(*) > 0 as running,
  coalesce(current_setting('pg_trickle.enabled', true), 'on') <> 'off' as enabled
from pg_catalog.pg_stat_activity
where datname = current_database()
  and (
    backend_type = 'pg_trickle scheduler'
    or application_name in ('pg_trickle_scheduler', 'pg_trickle_lite scheduler')
  )
{%- endmacro %}
