{#- SQL expression: the search_path of pg_trickle's scheduler, once pgtrickle__note_scheduler has run: what stream tables' queries were
    written for (pgtrickle__as_scheduler says why). Pure, for dbt and the tasks alike. -#}
{% macro pgtrickle__scheduler_path() -%}
coalesce(nullif(pg_catalog.current_setting('dbt_pgtrickle.scheduler_path', true), ''), pg_catalog.current_setting('search_path'))
{%- endmacro %}

{#- The statement that notes it down, and leaves our own path pinned. It has to be the session's first for a moment, which NULL makes it:
    only so does PostgreSQL tell where that comes from. A schema called like this role that somebody else has made is left out:
    pg_trickle's own SQL would take his functions for pg_catalog's (0.67.0). local: SQL, whether for this transaction only. -#}
{% macro pgtrickle__note_scheduler(local='true') -%}
select pg_catalog.set_config('search_path', null, {{ local }}),
pg_catalog.set_config('dbt_pgtrickle.scheduler_path', pg_catalog.regexp_replace(
  {{ pgtrickle__scheduler_setting('search_path') }}, case when exists (
    select from pg_catalog.pg_namespace home join pg_catalog.pg_roles maker on maker.oid = home.nspowner
    where home.nspname = current_user and maker.rolname <> current_user and not maker.rolsuper
  ) then '"?\$user"?\s*,?' else '^$' end, ''), {{ local }}),
pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', {{ local }})
{%- endmacro %}

{#- SQL expressions for one SELECT or PERFORM: a call of the extension, which reads a query under the path that the session has by then.
    The names in the call itself are found under ours. -#}
{% macro pgtrickle__as_theirs(call) -%}
pg_catalog.set_config('search_path', {{ pgtrickle__scheduler_path() }}, true), {{ call }},
pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true)
{%- endmacro %}
