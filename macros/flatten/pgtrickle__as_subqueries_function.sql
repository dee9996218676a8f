{#- pg_temp.dbt_pgtrickle_as_subqueries(query text, known jsonb): the query with subqueries in the
    place of the temporary views of dbt_pgtrickle_stand_ins, which gave both. -#}
{% macro pgtrickle__as_subqueries_function() -%}
  {%- set body -%}
declare
  entry record;
begin
  for entry in select * from pg_temp.dbt_pgtrickle_in_order(known) loop
    query := pg_temp.dbt_pgtrickle_rename(query, jsonb_build_object(entry.view, format('(%s)', pg_temp.dbt_pgtrickle_inlined(entry.text))));
  end loop;
  return (query);
end
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_as_subqueries(query text, known jsonb)
returns text
language plpgsql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
