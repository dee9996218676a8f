{#- SQL expression: what a setting is for pg_trickle's scheduler, which connects to the database as the superuser that initdb made
    (observed on 0.67.0), so that neither a profile nor the session's role counts: what the database and that role say, in
    PostgreSQL's order, else the server's own. That can't be told where the session's own stands before it and was no role's: then it is
    what the server is made with. Asked under a path that isn't ours, so every name has its schema.
    name: search_path or timezone. -#}
{% macro pgtrickle__scheduler_setting(name) -%}
coalesce(
  (
    select substring(entry from position('=' in entry) + 1)
    from pg_catalog.pg_db_role_setting said
    cross join lateral pg_catalog.unnest(said.setconfig) as entry
    where pg_catalog.lower(pg_catalog.split_part(entry, '=', 1)) = {{ pgtrickle__literal(name) }}
      and said.setrole in (0::pg_catalog.oid, 10::pg_catalog.oid)
      and said.setdatabase in (0::pg_catalog.oid, (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database()))
    order by said.setrole desc, said.setdatabase desc
    limit 1
  ),
  (
    select case
      when source in ('default', 'configuration file', 'command line', 'environment variable') then reset_val
      when name = 'TimeZone' then pg_catalog.current_setting('log_timezone')
      else boot_val
    end
    from pg_catalog.pg_settings where pg_catalog.lower(name) = {{ pgtrickle__literal(name) }}
  )
)
{%- endmacro %}
