{#- pg_temp.dbt_pgtrickle_written_out(query text, known jsonb): the query with subqueries in the
    place of the temporary views of dbt_pgtrickle_stand_ins, which gave both. Pure. -#}
{% macro pgtrickle__written_out_function() -%}
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
  {%- set in_order -%}
select key, value ->> 'view', value ->> 'text', nullif(value -> 'scan', 'null')
from jsonb_each(known)
where value ? 'view'
order by substr(value ->> 'view', length('__dbt_pgtrickle_') + 1)::int desc
  {%- endset -%}
{#- readers first -#}
create or replace function pg_temp.dbt_pgtrickle_in_order(known jsonb)
returns table (name text, view text, text text, scan jsonb)
language sql as {{ pgtrickle__literal(in_order) }};
create or replace function pg_temp.dbt_pgtrickle_written_out(query text, known jsonb)
returns text
language plpgsql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
