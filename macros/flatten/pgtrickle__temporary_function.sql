{#- pg_temp.dbt_pgtrickle_temporary(query text): makes a temporary view of a query and gives it. -#}
{% macro pgtrickle__temporary_function() -%}
  {%- set body -%}
declare
  -- the query's own, while that of everything around it is pinned
  path constant text := current_setting('search_path');
  name text := '__dbt_pgtrickle_' || (
    select count(*) + 1 from pg_class where relnamespace = pg_my_temp_schema() and relname ~ '^__dbt_pgtrickle_[0-9]+$');
begin
  perform set_config('search_path', {{ pgtrickle__session_path() }}, true);
  execute pg_catalog.format('create temporary view %I as ', name) operator(pg_catalog.||) query;
  perform pg_catalog.set_config('search_path', path, true);
  return name::regclass;
end
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_temporary(query text)
returns regclass
language plpgsql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
