{#- pg_temp.dbt_pgtrickle_inlined(query text): the query with subqueries in the place of its CTEs. -#}
{% macro pgtrickle__inlined_function() -%}
  {%- set body -%}
declare
  own record;
  subqueries jsonb := '{}';
begin
  select * into own from pg_temp.dbt_pgtrickle_with(query);
  for number in 1..cardinality(own.names) loop
    subqueries := subqueries || jsonb_build_object(
      own.names[number], format('(%s)', pg_temp.dbt_pgtrickle_rename(own.bodies[number], subqueries, true)));
  end loop;
  return pg_temp.dbt_pgtrickle_rename(own.main, subqueries, true);
end
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_inlined(query text)
returns text
language plpgsql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
