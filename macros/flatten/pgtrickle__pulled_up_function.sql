{#- pg_temp.dbt_pgtrickle_pulled_up(query text, inout scans jsonb): the query without those of its own CTEs that are columns
    and rows of one table: temporary views stand in for them.
    scans: {temporary view: what dbt_pgtrickle_scan gives}, with the new ones. Pure. -#}
{% macro pgtrickle__pulled_up_function() -%}
  {%- set body -%}
declare
  parts record;
  body text;
  flat record;
  flat_view regclass;
  stand_ins jsonb := '{}';
  others text[] := '{}';
begin
  select * into parts from pg_temp.dbt_pgtrickle_with(query);
  for number in 1..cardinality(parts.names) loop
    body := pg_temp.dbt_pgtrickle_rename(parts.bodies[number], stand_ins, true);
    begin
      flat_view := null;
      select * into flat from pg_temp.dbt_pgtrickle_flat_form(pg_temp.dbt_pgtrickle_temporary(body));
      flat_view := flat.view;
    exception
      -- it reads another CTE
      when undefined_table then null;
    end;
    if flat_view is null then
      others := others || format('%I as (%s)', parts.names[number], body);
    else
      stand_ins := stand_ins || jsonb_build_object(parts.names[number], flat.view);
      scans := scans || jsonb_build_object(flat.view, flat.scan);
    end if;
  end loop;
  spelt := case when others = '{}' then '' else 'with ' || array_to_string(others, ', ') || ' ' end
    || pg_temp.dbt_pgtrickle_rename(parts.main, stand_ins, true);
end
  {%- endset -%}
create or replace function pg_temp.dbt_pgtrickle_pulled_up(query text, inout scans jsonb, out spelt text)
language plpgsql as {{ pgtrickle__literal(body) }};
{%- endmacro %}
