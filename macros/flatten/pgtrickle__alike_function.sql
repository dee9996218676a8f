{#- pg_temp.dbt_pgtrickle_alike(relation regclass, other regclass): whether two views are the same to whoever reads them: by
    their columns' names, types, modifiers and collations, and by PostgreSQL's plan. No data is read. Pure. -#}
{% macro pgtrickle__alike_function() -%}
  {%- set body -%}
select not exists (
    select from (select * from pg_attribute where attrelid = relation and attnum > 0) as one
    full join (select * from pg_attribute where attrelid = other and attnum > 0) as two
      using (attnum, attname, atttypid, atttypmod, attcollation)
    where one.attrelid is null or two.attrelid is null)
  and (select plan from pg_temp.dbt_pgtrickle_plan(relation)) = (select plan from pg_temp.dbt_pgtrickle_plan(other))
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_alike(relation regclass, other regclass)
returns boolean
language sql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
