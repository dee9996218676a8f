{#- SQL that gives the statements to type where a setting has a wrong value: what stands at the database or at a role goes
    before what the server has.

    name, value: of the setting, as text. -#}
{% macro pgtrickle__set_remedy(name, value) -%}
coalesce(
  (
    select 'As a superuser: alter ' || case when setrole = 0 then 'database ' || quote_ident(current_database())
      else 'role ' || quote_ident(pg_get_userbyid(setrole))
        || case when setdatabase = 0 then '' else ' in database ' || quote_ident(current_database()) end end
      || ' reset {{ name }}'
    from pg_catalog.pg_db_role_setting
    cross join unnest(setconfig) as setting
    where starts_with(setting, '{{ name }}=')
      and setdatabase in (0, (select oid from pg_catalog.pg_database where datname = current_database()))
      and setrole in (0, (select oid from pg_catalog.pg_roles where rolname = session_user))
    order by setrole = 0, setdatabase = 0
    limit 1
  ),
  'As a superuser: alter system set {{ name }} = {{ value }}; select pg_reload_conf()'
)
{%- endmacro %}
