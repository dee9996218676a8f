{#- pg_temp.dbt_pgtrickle_written_out(query text, known jsonb, imports boolean, flat boolean default true): the query with
    subqueries in the place of the temporary views of dbt_pgtrickle_stand_ins, which gave both.
    imports: a subquery or CTE that only takes all columns of one gives way to it, as dbt's import CTEs do.
    flat: also those that are columns and rows of one table. Pure. -#}
{% macro pgtrickle__written_out_function() -%}
  {%- set body -%}
declare
  entry record;
begin
  -- what one reads has a lower number
  for entry in
    select value ->> 'view' as view, format('(%s)', value ->> 'text') as subquery
    from jsonb_each(known)
    where value ? 'view' and (flat or value ->> 'scan' is null)
    order by substr(value ->> 'view', length('__dbt_pgtrickle_') + 1)::int desc
  loop
    if imports then
      query := regexp_replace(
        query, format('\(\s*select\s+\*\s+from\s+%s(\s+(as\s+)?(\w+|"[^"]+"))?\s*\)', entry.view), replace(entry.subquery, '\', '\\'), 'gi');
    end if;
    query := pg_temp.dbt_pgtrickle_rename(query, jsonb_build_object(entry.view, entry.subquery));
  end loop;
  return (query);
end
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_written_out(query text, known jsonb, imports boolean, flat boolean default true)
returns text
language plpgsql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
