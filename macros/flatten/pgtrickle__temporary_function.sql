{#- pg_temp.dbt_pgtrickle_temporary(query text): makes a temporary view of a query and gives it. -#}
{% macro pgtrickle__temporary_function() -%}
  {%- set body -%}
declare
  name text := '__dbt_pgtrickle_' || (
    select count(*) + 1 from pg_class where relnamespace = pg_my_temp_schema() and relname ~ '^__dbt_pgtrickle_[0-9]+$');
begin
  execute format('create temporary view %I as ', name) || query;
  return name::regclass;
end
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_temporary(query text)
returns regclass
language plpgsql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
